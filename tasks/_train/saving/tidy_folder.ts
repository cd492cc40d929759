import { openCheckpointStore } from "../../../models/mod.ts";
import { getTemporaryTarget, joinPath } from "../../_files/files.ts";
import { folderFiles } from "../../_files/folder_files.ts";
import { CARD, isOldFile, isRunFile } from "../../_model/run_files.ts";

/**
 * Makes up for what a run that was killed has left undone after its last save, and removes what it was writing then. What can't be done is
 * in nobody's way.
 */
export async function tidyFolder(dir: string): Promise<void> {
  await openCheckpointStore(folderFiles(dir)).catch(() => {});
  await removeFiles(dir, isLeftOver);
}

/** Removes what a run saved before there were generations, and what writes that were broken off have left. */
export const removeOldFiles = (dir: string): Promise<void> =>
  removeFiles(dir, (name) => isOldFile(name) || isLeftOver(name));

/** Tells whether a file of such a name is what a write of one of a run's files has left that was broken off. */
function isLeftOver(name: string): boolean {
  const target = getTemporaryTarget(name);
  return target !== undefined && (isRunFile(target) || target === CARD);
}

/** Removes files of a folder. If that fails, the next run tries again. */
async function removeFiles(dir: string, which: (name: string) => boolean): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(dir)) {
      if (which(name)) await Deno.remove(joinPath(dir, name));
    }
  } catch {
    // They are in nobody's way.
  }
}
