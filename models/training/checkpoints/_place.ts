import type { FileSystem } from "./file_system.ts";
import { FileSystemError } from "./file_system_error.ts";

/** Where a store's files are, and how they are called in messages. */
export interface Place {
  readonly files: FileSystem;
  readonly describe: (file: string) => string;
}

/** Does something with a file, and says with which where that fails. */
export async function tryFile<T>(
  action: string,
  file: string,
  body: () => Promise<T>,
): Promise<T> {
  try {
    return await body();
  } catch (cause) {
    throw new FileSystemError(action, file, cause);
  }
}
