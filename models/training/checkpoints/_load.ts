import type { Inspection, InspectOptions } from "./_inspect_store.ts";
import type { Place } from "./_place.ts";
import { readBest, readGeneration } from "./_read_generation.ts";
import type { Pointer } from "./_pointer.ts";
import type {
  LoadCheckpointOptions,
  LoadedCheckpoint,
  RefusedFile,
  StoredGeneration,
} from "./_store_types.ts";

/** How often it is looked again, where files go while they are looked for. */
const ATTEMPTS = 5;

/** Loads the newest generation that is whole. */
export async function loadNewest(
  place: Place,
  inspect: (options?: InspectOptions) => Promise<Inspection>,
  { optimizer = true }: LoadCheckpointOptions = {},
): Promise<LoadedCheckpoint> {
  let inspection = await inspect();
  for (let attempt = 1;; attempt++) {
    const loaded = await loadFrom(place, inspection, optimizer);
    if (loaded.refused.length === 0) return loaded;
    // Another process may have removed what it doesn't need any more.
    const before = JSON.stringify(inspection.pointer);
    inspection = await inspect();
    const isSame = JSON.stringify(inspection.pointer) === before;
    if (!isSame && attempt < ATTEMPTS) continue;
    if (loaded.checkpoint || !inspection.hasPointer) return loaded;
    // The pointer may be of another time than all that is there.
    const other = await loadFrom(place, await inspect({ verify: true }), optimizer);
    return other.checkpoint ? other : loaded;
  }
}

async function loadFrom(
  place: Place,
  { names, pointer, refused: before }: Inspection,
  optimizer: boolean,
): Promise<LoadedCheckpoint> {
  const refused: RefusedFile[] = before.map(tell);
  for (const listed of pointer.generations.toReversed()) {
    const found = await readGeneration(place, listed, names, { optimizer });
    if (found.refused) {
      refused.push(tell(found.refused));
      continue;
    }
    const { checksum: _, ...checkpoint } = found.value;
    return { checkpoint, refused };
  }
  return { checkpoint: undefined, refused };
}

/** Loads the best parameters. */
export async function loadBest(
  place: Place,
  { names, pointer: { best }, refused: before }: Inspection,
): Promise<LoadedCheckpoint> {
  const refused: RefusedFile[] = before.map(tell);
  const found = best ? await readBest(place, best, names) : undefined;
  if (found?.refused) refused.push(tell(found.refused));
  if (!found?.value) return { checkpoint: undefined, refused };
  const { tensors: params, metadata, facts: { position, data } } = found.value;
  return { checkpoint: { params, position, data, metadata }, refused };
}

/** Leaves out what callers aren't told. */
export const tell = ({ file, reason }: RefusedFile): RefusedFile => ({ file, reason });

/** Lists generations as callers are told of them. */
export const listGenerations = ({ generations }: Pointer): StoredGeneration[] =>
  generations.map(({ step, permanent }) => ({ step, permanent }));
