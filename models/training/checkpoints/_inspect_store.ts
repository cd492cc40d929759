import { type Place, tryFile } from "./_place.ts";
import type { DecodedFile } from "./_decode_file.ts";
import {
  BEST,
  nameBest,
  nameParams,
  parseName,
  POINTER,
  type StoreFile,
} from "./_generation_files.ts";
import { decodePointer, type Pointer } from "./_pointer.ts";
import { readFile, readGeneration, readTensors, type Refusal } from "./_read_generation.ts";
import type { StoredGeneration } from "./_store_types.ts";

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

/** Looks at what there is, and changes nothing. */
export async function inspectStore(place: Place): Promise<Inspection> {
  const names = await listNames(place);
  const read = await readFile(place, POINTER, names, async (bytes, source) => {
    const decoded = await decodePointer(bytes, source);
    if (decoded._tag === "Left") throw decoded.left;
    return decoded.right;
  });
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
  const generations: StoredGeneration[] = [];
  const refused: Refusal[] = [];
  const steps = listFiles(names).filter(({ kind }) => kind === "params").map(({ step }) => step);
  for (const step of steps.sort((a, b) => a - b)) {
    const found = await readGeneration(place, step, names, { optimizer: true });
    if (found.refused) refused.push(found.refused);
    else generations.push({ step, permanent: true });
  }
  return { pointer: { generations, best: await findBest(place, names, generations) }, refused };
}

/** Finds which step the best parameters are of. */
async function findBest(
  place: Place,
  names: ReadonlySet<string>,
  generations: readonly StoredGeneration[],
): Promise<number | null> {
  const stepOf = ({ facts: { position } }: DecodedFile) => position?.step ?? 0;
  const named = names.has(BEST) ? await readTensors(place, BEST, names) : undefined;
  // A file that can't be read may be fit for use some other time.
  let best = named ? named.value ? stepOf(named.value) : 0 : null;
  for (const { step } of generations) {
    if (step <= (best ?? -1) || !names.has(nameBest(step))) continue;
    if ((await readTensors(place, nameBest(step), names)).value) best = step;
  }
  return best;
}

/** Lists the files that are a store's. */
export const listFiles = (names: ReadonlySet<string>): StoreFile[] =>
  [...names].flatMap((name) => parseName(name) ?? []);

/** Lists the files that nothing needs any more, or that nothing came to need. */
export async function listLeftovers(
  place: Place,
  names: ReadonlySet<string>,
  { generations, best }: Pointer,
): Promise<string[]> {
  const files = listFiles(names);
  const listed = new Set(generations.map(({ step }) => step));
  const unneeded = await Promise.all(files.map(async ({ kind, name, step }) => {
    switch (kind) {
      case "pointer":
        return false;
      case "best":
        return best === null;
      case "params":
        return !listed.has(step);
      case "optimizer":
        return !listed.has(step) ||
          files.filter((other) => other.kind === kind && other.step === step).length > 1 &&
            await belongsToOther(place, names, step, name);
      default:
        return true;
    }
  }));
  return files.filter((_, i) => unneeded[i]).map(({ name }) => name);
}

/** Tells whether a generation names another file of its optimizer's state than this one. */
async function belongsToOther(
  place: Place,
  names: ReadonlySet<string>,
  step: number,
  name: string,
): Promise<boolean> {
  const { value } = await readTensors(place, nameParams(step), names);
  return value?.facts.optimizer !== undefined && value.facts.optimizer.file !== name;
}
