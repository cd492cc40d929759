import { formatError } from "../_cli/errors.ts";
import { joinPath } from "./files.ts";

/** The file by which a folder is locked. It holds the number of the process that has it. */
export const LOCK = "lock";

/** A folder that this process has for itself. */
export interface FolderLock {
  /** Why it could not be locked, where a file system knows no locks; undefined where it is locked. */
  readonly missing?: string | undefined;
  /** Gives the folder free. Never fails, and does nothing a second time. */
  release(): void;
}

/** A folder is another process's. */
export class LockedError extends Error {
  /** Makes the error. */
  constructor(readonly dir: string, readonly pid: number | undefined) {
    const which = pid === undefined ? "another process" : `the process ${pid}`;
    super(
      `Cannot use ${dir} as another run is saving to it, ${which}: wait for its end, or end it`,
    );
    this.name = "LockedError";
  }
}

/**
 * Locks a folder for this process, however its path is written. The system gives it free when the process ends, in whatever way: the
 * file may stay then, and locks nothing.
 *
 * @throws {LockedError} If it is another process's.
 * @throws {Error} If the system refuses to write there.
 */
export async function lockFolder(dir: string): Promise<FolderLock> {
  const path = joinPath(dir, LOCK);
  while (true) {
    const file = await Deno.open(path, { read: true, write: true, create: true }).catch((cause) => {
      throw new Error(`Cannot save to ${dir} as the system refuses: ${formatError(cause)}`, {
        cause,
      });
    });
    let isOurs: boolean;
    try {
      isOurs = await file.tryLock(true);
    } catch (error) {
      // Some file systems of other machines know no locks.
      file.close();
      return { missing: formatError(error), release() {} };
    }
    if (!isOurs) {
      const pid = await readNumber(file);
      file.close();
      throw new LockedError(dir, pid);
    }
    // Whoever had it before may have removed it in between: then this one is in nobody's way.
    if (!await isThere(file, path)) {
      file.close();
      continue;
    }
    await writeNumber(file);
    return { release: () => release(file, path) };
  }
}

/** Removes the file while it is still locked, so that nobody else's is removed. */
function release(file: Deno.FsFile, path: string): void {
  try {
    if (isThereSync(file, path)) Deno.removeSync(path);
  } catch {
    // Without a lock on it, it does nothing there.
  }
  try {
    file.close();
  } catch {
    // It was before.
  }
}

/** Tells whether an open file is the one of that name. Where the system has no numbers of files, none can be removed while it is open. */
async function isThere(file: Deno.FsFile, path: string): Promise<boolean> {
  const [own, found] = await Promise.all([file.stat(), Deno.stat(path).catch(() => undefined)]);
  return isSame(own, found);
}

const isThereSync = (file: Deno.FsFile, path: string): boolean =>
  isSame(file.statSync(), Deno.statSync(path));

const isSame = (own: Deno.FileInfo, found: Deno.FileInfo | undefined): boolean =>
  own.ino === null || (own.ino === found?.ino && own.dev === found.dev);

async function readNumber(file: Deno.FsFile): Promise<number | undefined> {
  try {
    const bytes = new Uint8Array(20);
    const count = await file.read(bytes) ?? 0;
    const [, digits] = /^(\d+)\n/.exec(new TextDecoder().decode(bytes.subarray(0, count))) ?? [];
    return digits === undefined ? undefined : Number(digits);
  } catch {
    // Windows lets nobody read it.
    return undefined;
  }
}

/** Writes the number for people: a full disk does no harm. */
async function writeNumber(file: Deno.FsFile): Promise<void> {
  try {
    await file.truncate();
    await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
  } catch {
    // It is told without the number then.
  }
}
