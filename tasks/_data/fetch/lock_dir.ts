import { joinPath } from "../../_files/files.ts";

/**
 * Locks `dir` against other processes that would fill it. The system releases the lock when the process ends, however it ends.
 *
 * @param onWait Called if another process holds the lock.
 */
export async function lockDir(dir: string, onWait: () => void): Promise<Disposable> {
  const file = await Deno.open(joinPath(dir, ".lock"), { write: true, create: true });
  try {
    if (!await file.tryLock(true)) {
      onWait();
      await file.lock(true);
    }
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}
