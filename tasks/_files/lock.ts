import { joinPath } from "./files.ts";
import { InWayError, isSameFile, isStillThere, openOwnFile } from "./own_file.ts";
import { formatError, UsageError } from "../_cli/errors.ts";

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
 * @throws {UsageError} If a file of somebody else's has the lock's name.
 * @throws {Error} If the system refuses to write there.
 */
export async function lockFolder(dir: string): Promise<FolderLock> {
  const path = joinPath(dir, LOCK);
  while (true) {
    const file = await openOwnFile(path).catch((cause) => {
      if (cause instanceof InWayError) throw cause;
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
    const text = await readBeginning(file);
    if (text !== undefined && !/^(?:\d+\n)?$/.test(text)) {
      file.close();
      throw new UsageError(
        `Cannot lock ${dir} as its file ${LOCK} is not a run's: move it away, or name another folder`,
      );
    }
    if (!isOurs) {
      file.close();
      throw new LockedError(dir, text ? Number(text) : undefined);
    }
    // Whoever had it before may have removed it in between: then this one is in nobody's way.
    if (!isStillThere(file, path)) {
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
    if (isStillThere(file, path)) Deno.removeSync(path);
  } catch {
    // Without a lock on it, it does nothing there.
  }
  try {
    file.close();
  } catch {
    // It was before.
  }
}

/** Finds what tells a folder's lock from a later one of the same path; undefined if there is none. */
export function identifyLock(dir: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(joinPath(dir, LOCK));
  } catch {
    return undefined;
  }
}

/** Tells whether a folder has still the lock that it had. */
export function isStillLocked(dir: string, before: Deno.FileInfo): boolean {
  const found = identifyLock(dir);
  return found !== undefined && isSameFile(before, found);
}

/** Reads enough of a lock to tell whether it is one. */
async function readBeginning(file: Deno.FsFile): Promise<string | undefined> {
  try {
    const bytes = new Uint8Array(20);
    const count = await file.read(bytes) ?? 0;
    await file.seek(0, Deno.SeekMode.Start);
    return new TextDecoder().decode(bytes.subarray(0, count));
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
