import type { Inspection } from "./_inspect_store.ts";
import type { Place } from "./_place.ts";
import { listBest, readGeneration, readTensors } from "./_read_generation.ts";
import type { LoadCheckpointOptions, LoadedCheckpoint, RefusedFile } from "./_store_types.ts";

/** How often it is looked again, where files go while they are looked for. */
const ATTEMPTS = 5;

/** Loads the newest generation that is whole. */
export async function loadNewest(
  place: Place,
  inspect: () => Promise<Inspection>,
  { optimizer = true }: LoadCheckpointOptions = {},
): Promise<LoadedCheckpoint> {
  let inspection = await inspect();
  for (let attempt = 1;; attempt++) {
    const loaded = await loadFrom(place, inspection, optimizer);
    if (loaded.refused.length === 0 || attempt === ATTEMPTS) return loaded;
    // Another process may have removed what it doesn't need any more.
    const before = JSON.stringify(inspection.pointer);
    inspection = await inspect();
    if (JSON.stringify(inspection.pointer) === before) return loaded;
  }
}

async function loadFrom(
  place: Place,
  { names, pointer, refused: before }: Inspection,
  optimizer: boolean,
): Promise<LoadedCheckpoint> {
  const refused: RefusedFile[] = before.map(tell);
  for (const { step } of pointer.generations.toReversed()) {
    const found = await readGeneration(place, step, names, { optimizer });
    if (!found.refused) return { checkpoint: found.value, refused };
    refused.push(tell(found.refused));
  }
  return { checkpoint: undefined, refused };
}

/** Loads the best parameters. */
export async function loadBest(
  place: Place,
  { names, pointer: { best }, refused: before }: Inspection,
): Promise<LoadedCheckpoint> {
  const refused: RefusedFile[] = before.map(tell);
  for (const file of listBest(best, names)) {
    const { value, refused: found } = await readTensors(place, file, names);
    if (found) {
      refused.push(tell(found));
      continue;
    }
    const { tensors: params, metadata, facts: { position, data } } = value;
    return { checkpoint: { params, position, data, metadata }, refused };
  }
  return { checkpoint: undefined, refused };
}

/** Leaves out what callers aren't told. */
export const tell = ({ file, reason }: RefusedFile): RefusedFile => ({ file, reason });
