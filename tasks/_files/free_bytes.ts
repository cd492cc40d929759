import { statfs } from "node:fs/promises";

/** How many bytes can still be written to a folder's file system; infinitely many where the system doesn't say. */
export async function freeBytes(dir: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(dir);
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}
