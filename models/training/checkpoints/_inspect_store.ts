import { anyOfStep, findBest, findGenerations, listFiles, listSteps } from "./_find_generations.ts";
import { nameNext, nameParams, POINTER } from "./_generation_files.ts";
import { type Place, tryFile } from "./_place.ts";
import { decodePointer, type Pointer } from "./_pointer.ts";
import { readFile, type Refusal } from "./_read_generation.ts";

/** What is found where a store is. */
export interface Inspection {
  /** The names of all files. */
  readonly names: ReadonlySet<string>;
  /** What the pointer says, or would say, where it is damaged, missing, or that of another time than the files. */
  readonly pointer: Pointer;
  /** Whether there is a pointer that says so. */
  readonly hasPointer: boolean;
  /** Whether there are checkpoints, of which none is whole: nothing is to be removed then. */
  readonly isLost: boolean;
  readonly refused: readonly Refusal[];
}

/** How closely a store is looked at. */
export interface InspectOptions {
  /** Whether the generations that the pointer names are verified, and others looked for, even where nothing speaks for others. */
  readonly verify?: boolean;
}

/** Lists the names of all files. */
export const listNames = async ({ files }: Pick<Place, "files">): Promise<Set<string>> =>
  new Set(await tryFile("list", "the checkpoints", () => files.list()));

/** Looks at what there is, and changes nothing. Throws a CheckpointError where a newer version has written it. */
export async function inspectStore(
  place: Place,
  { verify = false }: InspectOptions = {},
): Promise<Inspection> {
  const names = await listNames(place);
  const read = await readFile(place, POINTER, names, async (bytes, source) => {
    const decoded = await decodePointer(bytes, source);
    if (decoded._tag === "Left") throw decoded.left;
    return decoded.right;
  });
  if (read.value && "newer" in read.value) throw read.value.newer;
  if (read.refused) return await inspectWithoutPointer(place, names, read.refused);
  const pointer = read.value;
  return verify || isDoubtful(names, pointer)
    ? await comparePointer(place, names, pointer)
    : { names, pointer, hasPointer: true, isLost: false, refused: [] };
}

/** Finds what a pointer that is gone may have said: the generations that are whole. */
async function inspectWithoutPointer(
  place: Place,
  names: ReadonlySet<string>,
  refusal: Refusal,
): Promise<Inspection> {
  const steps = listSteps(names);
  const { generations, refused } = await findGenerations(place, names, steps.map(anyOfStep));
  const isStore = names.has(POINTER) || generations.length > 0;
  return {
    names,
    pointer: { generations, best: await findBest(place, names, generations), dropped: [] },
    hasPointer: false,
    isLost: generations.length === 0 && (names.has(POINTER) || steps.length > 0),
    refused: [...isStore ? [refusal] : [], ...refused],
  };
}

/** Tells whether a pointer may be of another time than the files, by their names. */
function isDoubtful(names: ReadonlySet<string>, pointer: Pointer): boolean {
  const isThere = ({ step }: { readonly step: number }) =>
    names.has(nameParams(step)) || names.has(nameNext(nameParams(step)));
  return listStrange(names, pointer).length > 0 ||
    pointer.generations.length > 0 && !pointer.generations.some(isThere);
}

/**
 * Lists the steps of generations that a pointer doesn't name, though they counted once, as they have their names: one pointer or
 * another did. Of those that it has dropped the files may only not have been removed yet.
 */
function listStrange(
  names: ReadonlySet<string>,
  { generations, dropped }: Pointer,
): number[] {
  const known = new Set([...generations.map(({ step }) => step), ...dropped]);
  return listSteps(names).filter((step) => !known.has(step));
}

/**
 * Compares a pointer with the files. It may have been put back from a time before them, or they from one before it: what is whole and
 * newer than all that it names counts, and where nothing is whole of what it names, whatever is.
 */
async function comparePointer(
  place: Place,
  names: ReadonlySet<string>,
  pointer: Pointer,
): Promise<Inspection> {
  const newest = pointer.generations.at(-1)?.step ?? -1;
  const steps = listStrange(names, pointer);
  const newer = await findGenerations(
    place,
    names,
    steps.filter((step) => step > newest).map(anyOfStep),
  );
  const listed = await findGenerations(place, names, pointer.generations);
  const take = async (
    generations: Pointer["generations"],
    refused: readonly Refusal[],
  ): Promise<Inspection> => ({
    names,
    pointer: { ...pointer, generations, best: await findBest(place, names, generations) },
    hasPointer: false,
    isLost: false,
    refused,
  });
  const last = newer.generations.at(-1);
  if (last) {
    const found = newest < 0 ? "no checkpoint" : `step ${newest} as the newest checkpoint`;
    const reason = `Cannot go by ${place.describe(POINTER)} as it names ${found}, ` +
      `and is older than that of step ${last.step}, which is whole`;
    const stale = { file: POINTER, reason };
    return await take([...listed.generations, ...newer.generations], [stale, ...newer.refused]);
  }
  const kept = { names, pointer, hasPointer: true };
  if (listed.generations.length > 0) return { ...kept, isLost: false, refused: newer.refused };
  const dropped = new Set(pointer.dropped);
  const others = await findGenerations(
    place,
    names,
    listSteps(names).filter((step) => step <= newest && !dropped.has(step)).map(anyOfStep),
  );
  return others.generations.length > 0
    ? await take(others.generations, [...newer.refused, ...listed.refused.toReversed()])
    : {
      ...kept,
      isLost: pointer.generations.length > 0 || steps.length > 0,
      refused: [...newer.refused, ...others.refused.filter(({ error }) => error)],
    };
}

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
