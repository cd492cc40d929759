import type { Sha256 } from "./_checksum.ts";
import type { FileSystem } from "./file_system.ts";
import { FileSystemError } from "./file_system_error.ts";

/** Where a store's files are, and how they are called in messages. */
export interface Place {
  readonly files: FileSystem;
  readonly describe: (file: string) => string;
  /** Computes the checksums of what is saved; by default what browsers have does. */
  readonly hash?: Sha256 | undefined;
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
