import { BEST, nameBest, nameNext, nameOptimizer, nameParams } from "./_generation_files.ts";
import { type Inspection, inspectStore, listLeftovers, listNames } from "./_inspect_store.ts";
import { type Place, tryFile } from "./_place.ts";
import type { Pointer } from "./_pointer.ts";
import { readParams, readTensors } from "./_read_generation.ts";
import { syncFiles, writePointer, type WrittenGeneration } from "./_write_files.ts";

/** Brings the files in line with the pointer, and makes one where it is damaged or missing. */
export async function recoverStore(place: Place): Promise<Inspection> {
  const found = await inspectStore(place);
  const { names, pointer, hasPointer, isLost, refused } = found;
  // What is there is not to be judged by a part of it.
  refused.forEach(requireReadable);
  if (isLost) return found;
  if (!hasPointer && pointer.generations.length > 0) await writePointer(place, pointer);
  // Before anything goes that an older pointer named.
  else await syncFiles(place);
  return {
    ...found,
    ...await settleFiles(place, pointer, await findWaiting(place, pointer, names)),
  };
}

/** Brings the files in line with a pointer that counts: gives them their names, and removes what it doesn't name. */
export async function settleFiles(
  place: Place,
  pointer: Pointer,
  waiting: WrittenGeneration["waiting"],
): Promise<Pick<Inspection, "names" | "pointer">> {
  await promoteFiles(place, waiting);
  const names = await removeLeftovers(place, pointer);
  const dropped = pointer.dropped.filter((step) => names.has(nameParams(step)));
  if (dropped.length === pointer.dropped.length) return { names, pointer };
  // Before nothing says any more that they don't count.
  await syncFiles(place);
  const settled = { ...pointer, dropped };
  await writePointer(place, settled);
  return { names, pointer: settled };
}

/** Fails where the system refuses to read what is there. */
function requireReadable({ error }: { readonly error?: Error }): void {
  if (error) throw error;
}

/** Finds the files that wait for their name, and are those that the pointer means. */
async function findWaiting(
  place: Place,
  { generations, best }: Pointer,
  names: ReadonlySet<string>,
): Promise<[waiting: string, name: string][]> {
  const found: [string, string][] = [];
  /** Tells whether a file is there, whole, and of such a checksum. */
  const isMeant = async (file: string, checksum: string | null | undefined) => {
    if (!names.has(file)) return false;
    const { refused, value } = await readTensors(place, file, names);
    if (refused) requireReadable(refused);
    return value !== undefined && value.checksum === checksum;
  };
  if (best && await isMeant(nameBest(best.step), best.checksum)) {
    found.push([nameBest(best.step), BEST]);
  }
  for (const listed of generations) {
    const [params, optimizer] = [nameParams(listed.step), nameOptimizer(listed.step)];
    if (!names.has(nameNext(params)) && !names.has(nameNext(optimizer))) continue;
    const { value, refused } = await readParams(place, listed, names);
    // What waits beside parameters that can't be read now would be taken for left over.
    if (refused) requireReadable(refused);
    if (await isMeant(nameNext(params), listed.checksum)) found.push([nameNext(params), params]);
    if (value && await isMeant(nameNext(optimizer), value.facts.optimizer)) {
      found.push([nameNext(optimizer), optimizer]);
    }
  }
  return found;
}

/** Gives files their names, once the pointer means them. */
async function promoteFiles(
  place: Place,
  waiting: WrittenGeneration["waiting"],
): Promise<void> {
  for (const [file, name] of waiting) {
    await tryFile("write", place.describe(name), () => place.files.rename(file, name));
  }
  // The next ones that wait must not be written over these.
  if (waiting.length > 0) await syncFiles(place);
}

/** Removes what nothing needs. What can't be removed is in nobody's way, and is tried again the next time. */
async function removeLeftovers(
  place: Place,
  pointer: Pointer,
): Promise<ReadonlySet<string>> {
  const names = await listNames(place);
  for (const name of listLeftovers(names, pointer)) {
    await place.files.remove(name).then(() => names.delete(name), () => {});
  }
  return names;
}
