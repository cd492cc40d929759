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

/** Finds which generations of such steps are whole, by what their files say of themselves. */
export async function findGenerations(
  place: Place,
  names: ReadonlySet<string>,
  steps: readonly number[],
): Promise<FoundGenerations> {
  const generations: ListedGeneration[] = [];
  const refused: Refusal[] = [];
  for (const step of steps) {
    const found = await readGeneration(place, { step, checksum: null }, names, { optimizer: true });
    if (found.refused) refused.push(found.refused);
    else generations.push({ step, permanent: true, checksum: found.value.checksum });
  }
  return { generations, refused };
}

/** Finds which of the generations that a pointer names are whole, and the ones that it means. */
export async function findListed(
  place: Place,
  names: ReadonlySet<string>,
  listed: readonly ListedGeneration[],
): Promise<FoundGenerations> {
  const generations: ListedGeneration[] = [];
  const refused: Refusal[] = [];
  for (const generation of listed) {
    const found = await readGeneration(place, generation, names, { optimizer: true });
    if (found.refused) refused.push(found.refused);
    else generations.push(generation);
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
