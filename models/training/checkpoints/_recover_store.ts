import { type Place, tryFile } from "./_place.ts";
import { BEST, nameBest, POINTER } from "./_generation_files.ts";
import { type Inspection, inspectStore, listLeftovers, listNames } from "./_inspect_store.ts";
import type { Pointer } from "./_pointer.ts";
import { readTensors } from "./_read_generation.ts";
import { syncFiles, writePointer } from "./_write_files.ts";

/** Brings the files in line with the pointer, and makes one where it is damaged or missing. */
export async function recoverStore(place: Place): Promise<Inspection> {
  const found = await inspectStore(place);
  const { names, pointer, hasPointer, refused } = found;
  const unreadable = hasPointer ? undefined : refused.find(({ error }) => error)?.error;
  // What is there is not to be judged by a part of it.
  if (unreadable) throw unreadable;
  const isEmpty = pointer.generations.length === 0;
  if (!hasPointer && isEmpty && names.has(POINTER)) return found;
  if (!hasPointer && !isEmpty) await writePointer(place, pointer);
  // Before anything goes that an older pointer named.
  else await syncFiles(place);
  const { best } = pointer;
  const isWaiting = best !== null && names.has(nameBest(best));
  const waiting = isWaiting ? await readTensors(place, nameBest(best), names) : undefined;
  if (waiting?.refused?.error) throw waiting.refused.error;
  // Where it is damaged, the best before are better than none.
  if (waiting?.value) await promoteBest(place, pointer, names);
  return {
    ...found,
    names: await removeLeftovers(place, pointer),
    refused: [...refused, ...waiting?.refused ? [waiting.refused] : []],
  };
}

/** Gives the best parameters their name, once the pointer says that they are. */
export async function promoteBest(
  { files, describe }: Place,
  { best }: Pointer,
  names: ReadonlySet<string>,
): Promise<void> {
  if (best === null || !names.has(nameBest(best))) return;
  await tryFile("write", describe(BEST), () => files.rename(nameBest(best), BEST));
}

/** Removes what nothing needs. What can't be removed is in nobody's way, and is tried again the next time. */
export async function removeLeftovers(
  place: Place,
  pointer: Pointer,
): Promise<ReadonlySet<string>> {
  const names = await listNames(place);
  for (const name of await listLeftovers(place, names, pointer)) {
    await place.files.remove(name).then(() => names.delete(name), () => {});
  }
  return names;
}
