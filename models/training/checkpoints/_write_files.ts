import { type Place, tryFile } from "./_place.ts";
import { type EncodedFile, encodeFile } from "./_encode_file.ts";
import { nameBest, nameOptimizer, nameParams, POINTER, TEMPORARY } from "./_generation_files.ts";
import { encodePointer, type Pointer } from "./_pointer.ts";
import { readTensors } from "./_read_generation.ts";
import type { SaveCheckpointOptions } from "./_store_types.ts";
import type { TrainingCopy } from "./copy_training.ts";

/** Where a generation is written to. */
interface Slot {
  readonly names: ReadonlySet<string>;
  readonly step: number;
  /** Whether there is one of this step already, which counts. */
  readonly listed: boolean;
}

/** Writes the files of a generation, all but what makes it count. Gives the step of the best parameters among them. */
export async function writeGeneration(
  place: Place,
  training: TrainingCopy,
  { best = false, data, metadata, release = false }: SaveCheckpointOptions,
  { names, step, listed }: Slot,
): Promise<number | undefined> {
  const { params, optimizer, position } = training;
  let beside;
  if (optimizer) {
    const encoded = await encodeFile(Object.entries(optimizer), {});
    const { checksum } = encoded;
    const { file, isThere } = await chooseFile(place, checksum, listed ? names : new Set(), step);
    if (!isThere) await writeFile(place, file, encoded, release);
    // A generation of this step that counts already is replaced by a rename, which must come after this one.
    if (listed) await syncFiles(place);
    beside = { file, checksum };
  }
  const judged = best === true ? training : best || undefined;
  const bestParams = judged?.averages ?? judged?.params;
  const facts = { position, optimizer: beside, data };
  const main = await encodeFile(Object.entries(params), facts, metadata);
  await writeFile(place, nameParams(step), main, release && params !== bestParams);
  const bestStep = judged && (judged.position?.step ?? 0);
  if (bestStep !== undefined) {
    const facts = { position: judged?.position, data };
    const encoded = await encodeFile(Object.entries(bestParams ?? {}), facts, metadata);
    await writeFile(place, nameBest(bestStep), encoded, release);
  }
  await syncFiles(place);
  return bestStep;
}

/** Chooses a name for an optimizer's state that isn't that of another one which is needed. */
async function chooseFile(
  place: Place,
  checksum: string,
  names: ReadonlySet<string>,
  step: number,
): Promise<{ readonly file: string; readonly isThere: boolean }> {
  for (let other = 0;; other++) {
    const file = nameOptimizer(step, other);
    if (!names.has(file)) return { file, isThere: false };
    const { value } = await readTensors(place, file, names);
    if (value?.checksum === checksum) return { file, isThere: true };
  }
}

/** Waits until renames and removals would outlive a loss of power. */
export const syncFiles = ({ files }: Place): Promise<void> =>
  tryFile("save", "the names of files", () => files.sync());

/** Writes a file that has its name once all of it is there. */
export async function writeFile(
  { files, describe }: Place,
  name: string,
  { parts }: Pick<EncodedFile, "parts">,
  release = false,
): Promise<void> {
  await tryFile("write", describe(name), async () => {
    await files.write(name + TEMPORARY, toAsync(parts(release)));
    await files.rename(name + TEMPORARY, name);
  });
}

async function* toAsync<T>(items: Iterable<T>): AsyncGenerator<T, void, undefined> {
  yield* items;
}

/** Makes a pointer the one that counts. */
export async function writePointer(place: Place, pointer: Pointer): Promise<void> {
  const bytes = await encodePointer(pointer);
  await writeFile(place, POINTER, {
    *parts() {
      yield bytes;
    },
  });
  await syncFiles(place);
}
