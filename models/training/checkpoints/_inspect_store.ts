import { type Place, tryFile } from "./_place.ts";
import type { DecodedFile } from "./_decode_file.ts";
import { BEST, nameBest, parseName, POINTER, type StoreFile } from "./_generation_files.ts";
import { decodePointer, type ListedBest, type ListedGeneration, type Pointer } from "./_pointer.ts";
import { readFile, readGeneration, readTensors, type Refusal } from "./_read_generation.ts";

/** What is found where a store is. */
export interface Inspection {
  /** The names of all files. */
  readonly names: ReadonlySet<string>;
  /** What the pointer says, or would say, where it is damaged or missing. */
  readonly pointer: Pointer;
  /** Whether there is a pointer that says so. */
  readonly hasPointer: boolean;
  readonly refused: readonly Refusal[];
}

/** Lists the names of all files. */
export const listNames = async ({ files }: Pick<Place, "files">): Promise<Set<string>> =>
  new Set(await tryFile("list", "the checkpoints", () => files.list()));

/** Looks at what there is, and changes nothing. Throws a CheckpointError where a newer version has written it. */
export async function inspectStore(place: Place): Promise<Inspection> {
  const names = await listNames(place);
  const read = await readFile(place, POINTER, names, async (bytes, source) => {
    const decoded = await decodePointer(bytes, source);
    if (decoded._tag === "Left") throw decoded.left;
    return decoded.right;
  });
  if (read.value && "newer" in read.value) throw read.value.newer;
  if (!read.refused) return { names, pointer: read.value, hasPointer: true, refused: [] };
  const found = await findGenerations(place, names);
  const isStore = names.has(POINTER) || found.pointer.generations.length > 0;
  return {
    names,
    pointer: found.pointer,
    hasPointer: false,
    refused: [...isStore ? [read.refused] : [], ...found.refused],
  };
}

/** Finds what a pointer that is gone may have said: the generations that are whole. */
async function findGenerations(
  place: Place,
  names: ReadonlySet<string>,
): Promise<Pick<Inspection, "pointer" | "refused">> {
  const generations: ListedGeneration[] = [];
  const refused: Refusal[] = [];
  const steps = listFiles(names).filter(({ kind }) => kind === "params").map(({ step }) => step);
  for (const step of steps.sort((a, b) => a - b)) {
    const found = await readGeneration(place, { step, checksum: null }, names, { optimizer: true });
    if (found.refused) refused.push(found.refused);
    else generations.push({ step, permanent: true, checksum: found.value.checksum });
  }
  return { pointer: { generations, best: await findBest(place, names, generations) }, refused };
}

/** Finds which parameters are the best. */
async function findBest(
  place: Place,
  names: ReadonlySet<string>,
  generations: readonly ListedGeneration[],
): Promise<ListedBest | null> {
  const toBest = ({ checksum, facts: { position } }: DecodedFile): ListedBest => ({
    step: position?.step ?? 0,
    checksum: checksum ?? null,
  });
  const named = names.has(BEST) ? await readTensors(place, BEST, names) : undefined;
  // A file that can't be read may be fit for use some other time.
  let best = named ? named.value ? toBest(named.value) : { step: 0, checksum: null } : null;
  for (const { step } of generations) {
    if (step <= (best?.step ?? -1) || !names.has(nameBest(step))) continue;
    const { value } = await readTensors(place, nameBest(step), names);
    if (value) best = toBest(value);
  }
  return best;
}

/** Lists the files that are a store's. */
export const listFiles = (names: ReadonlySet<string>): StoreFile[] =>
  [...names].flatMap((name) => parseName(name) ?? []);

/** Lists the files that nothing needs any more, or that nothing came to need, where none waits to take the place of another. */
export function listLeftovers(
  names: ReadonlySet<string>,
  { generations, best }: Pointer,
): string[] {
  const listed = new Set(generations.map(({ step }) => step));
  return listFiles(names).filter(({ kind, step }) => {
    if (kind === "pointer") return false;
    if (kind === "best") return best === null;
    return !(kind === "params" || kind === "optimizer") || !listed.has(step);
  }).map(({ name }) => name);
}
