import { type Place, tryFile } from "./_place.ts";
import { type EncodedFile, encodeFile } from "./_encode_file.ts";
import {
  BEST,
  nameBest,
  nameNext,
  nameOptimizer,
  nameParams,
  POINTER,
  TEMPORARY,
} from "./_generation_files.ts";
import { encodePointer, type ListedBest, type Pointer } from "./_pointer.ts";
import { bringToRest, type RestRoom, type TensorRecord } from "../../weights/_copied_tensors.ts";
import type { SaveCheckpointOptions } from "./_store_types.ts";
import type { TrainingCopy } from "./copy_training.ts";

/** What was written of a generation that doesn't count yet. */
export interface WrittenGeneration {
  readonly checksum: string;
  readonly best: ListedBest | undefined;
  /** The files that wait for their names. */
  readonly waiting: readonly (readonly [waiting: string, name: string])[];
}

/**
 * Writes the files of a generation, all but what makes it count. They have their names only once it does: so a file that has its name
 * is known to have counted, whatever the pointer says.
 *
 * @param room That of an earlier generation, if there was one.
 */
export async function writeGeneration(
  place: Place,
  { step, training }: { readonly step: number; readonly training: TrainingCopy },
  { best: isBest = false, data, metadata }: SaveCheckpointOptions,
  room: RestRoom,
): Promise<WrittenGeneration> {
  const { params, optimizer, position } = training;
  const waiting: [string, string][] = [];
  const encode = (tensors: TensorRecord, facts: Parameters<typeof encodeFile>[1]) =>
    encodeFile(Object.entries(bringToRest(tensors, room)), facts, metadata, place.hash);
  const write = async (name: string, encoded: EncodedFile) => {
    waiting.push([nameNext(name), name]);
    await writeFile(place, nameNext(name), encoded, name);
    return encoded.checksum;
  };
  const beside = optimizer &&
    await write(
      nameOptimizer(step),
      await encodeFile(Object.entries(bringToRest(optimizer, room)), {}, {}, place.hash),
    );
  const judged = isBest === true ? training : isBest || undefined;
  const bestParams = judged?.averages ?? judged?.params;
  const main = await encode(params, { position, optimizer: beside, data });
  const checksum = await write(nameParams(step), main);
  let best: ListedBest | undefined;
  if (judged && bestParams) {
    const { position } = judged;
    const encoded = await encode(bestParams, { position, data });
    best = { step: position?.step ?? 0, checksum: encoded.checksum };
    await writeFile(place, nameBest(best.step), encoded);
    waiting.push([nameBest(best.step), BEST]);
  }
  await syncFiles(place);
  return { checksum, best, waiting };
}

/** Waits until renames and removals would outlive a loss of power. */
export const syncFiles = ({ files }: Place): Promise<void> =>
  tryFile("save", "the names of files", () => files.sync());

/**
 * Writes a file that has its name once all of it is there.
 *
 * @param shown The name that messages have.
 */
export async function writeFile(
  { files, describe }: Place,
  name: string,
  { parts }: Pick<EncodedFile, "parts">,
  shown = name,
): Promise<void> {
  await tryFile("write", describe(shown), async () => {
    await files.write(name + TEMPORARY, toAsync(parts(false)));
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
