import type { DecodedFile } from "./_decode_file.ts";
import { BEST, nameBest, parseName, type StoreFile } from "./_generation_files.ts";
import type { Place } from "./_place.ts";
import type { ListedBest, ListedGeneration } from "./_pointer.ts";
import { readGeneration, readTensors, type Refusal } from "./_read_generation.ts";

/** Generations that were looked for, and the files in the way of others. */
export interface FoundGenerations {
  /** Those that are whole, the oldest first. */
  readonly generations: readonly ListedGeneration[];
  readonly refused: readonly Refusal[];
}

/** Lists the files that are a store's. */
export const listFiles = (names: ReadonlySet<string>): StoreFile[] =>
  [...names].flatMap((name) => parseName(name) ?? []);

/** Lists the steps of which there are parameters under the name that they have once they count, or have counted. */
export const listSteps = (names: ReadonlySet<string>): number[] =>
  listFiles(names).filter(({ kind }) => kind === "params").map(({ step }) => step)
    .sort((a, b) => a - b);

/** A generation that is looked for: one that a pointer names, or whichever there is of a step. */
export interface WantedGeneration extends Pick<ListedGeneration, "step" | "permanent"> {
  readonly checksum: string | null;
}

/** Asks for whichever generation there is of a step, by what its files say of themselves. */
export const anyOfStep = (step: number): WantedGeneration => ({
  step,
  permanent: true,
  checksum: null,
});

/** Finds which generations are whole, of those that are wanted. */
export async function findGenerations(
  place: Place,
  names: ReadonlySet<string>,
  wanted: readonly WantedGeneration[],
): Promise<FoundGenerations> {
  const generations: ListedGeneration[] = [];
  const refused: Refusal[] = [];
  for (const one of wanted) {
    const found = await readGeneration(place, one, names, { optimizer: true });
    if (found.refused) refused.push(found.refused);
    else generations.push({ ...one, checksum: found.value.checksum });
  }
  return { generations, refused };
}

/** Finds which parameters are the best, where no pointer says so. */
export async function findBest(
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
