import { formatError } from "../../_cli/errors.ts";
import { type FolderLock, identifyLock, isStillLocked, lockFolder } from "../../_files/lock.ts";

/** A folder that a run has for itself, whatever becomes of it. */
export interface HeldFolder {
  /** Tells whether it is as it was locked: nobody has removed it, or what is in it. */
  isThere(): boolean;
  /** Creates it again where it is missing, and locks it again. */
  renew(): Promise<void>;
  /** Gives it free. Never fails. */
  release(): void;
}

/** Locks a folder. A file system without locks is told of, and used. */
export async function lockForRun(
  dir: string,
  warn: (line: string) => void,
): Promise<FolderLock> {
  const lock = await lockFolder(dir);
  if (lock.missing !== undefined) {
    warn(`warning: Cannot lock ${dir}, so begin no other run there: ${lock.missing}`);
  }
  return lock;
}

/**
 * Holds a folder that is there.
 *
 * @param options Whether it is locked for this run already, by whoever gives it free, too; and what takes a line that warns.
 * @throws {Error} If it is another process's, or the system refuses.
 */
export async function holdFolder(
  dir: string,
  { isLocked, warn }: { readonly isLocked: boolean; readonly warn: (line: string) => void },
): Promise<HeldFolder> {
  let lock = isLocked ? undefined : await lockForRun(dir, warn);
  let mark = identifyLock(dir);
  // By the path that a link to it leads to: without it the link leads nowhere.
  const path = await Deno.realPath(dir);
  return {
    isThere: () => mark !== undefined && isStillLocked(dir, mark),
    async renew() {
      lock?.release();
      await Deno.mkdir(path, { recursive: true }).catch((cause) => {
        throw new Error(
          `Cannot make ${dir} again, which was removed while the run saved to it, as the system refuses: ${
            formatError(cause)
          }`,
          { cause },
        );
      });
      lock = await lockForRun(dir, () => {});
      mark = identifyLock(dir);
    },
    release: () => lock?.release(),
  };
}
