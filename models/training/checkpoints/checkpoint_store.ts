/**
 * Checkpoints that are kept while a training goes on: whatever happens, the last one that was saved is there.
 *
 * @module
 */

import type { Place } from "./_place.ts";
import type { RestRoom } from "../../weights/_copied_tensors.ts";
import { chooseKept } from "./_generation_files.ts";
import { inspectStore } from "./_inspect_store.ts";
import { listGenerations, loadBest, loadNewest, tell } from "./_load.ts";
import type { Pointer } from "./_pointer.ts";
import { recoverStore, settleFiles } from "./_recover_store.ts";
import type {
  CheckpointReader,
  RefusedFile,
  SaveCheckpointOptions,
  StoredGeneration,
} from "./_store_types.ts";
import { writeGeneration, writePointer, type WrittenGeneration } from "./_write_files.ts";
import type { CheckpointReaderOptions } from "./checkpoint_reader.ts";
import type { TrainingCopy } from "./copy_training.ts";
import type { FileSystem } from "./file_system.ts";

export type * from "./_store_types.ts";
export { CheckpointError, type CheckpointErrorFacts } from "../../weights/checkpoint_error.ts";
export type { StoredTensor } from "../../weights/checkpoint.ts";
export type { CheckpointReaderOptions } from "./checkpoint_reader.ts";
export type { CopiedTensor, TensorRecord, TrainingCopy } from "./copy_training.ts";
export type { DecodedCheckpoint } from "./decode_checkpoint.ts";
export type { FileSystem } from "./file_system.ts";
export { FileSystemError } from "./file_system_error.ts";
export type * from "../epochs/training_event.ts";
export type { SavedTraining } from "../epochs/training_options.ts";

/** How checkpoints are kept. */
export interface CheckpointStoreOptions extends CheckpointReaderOptions {
  /**
   * How many generations are kept: the newest, and behind it the newest of those that are permanent. As long as none is, the one
   * before the newest stays.
   *
   * @default {2}
   */
  readonly keep?: number;
  /**
   * Whether what is there is another training's, which this one takes the place of, once its first checkpoint is saved.
   *
   * @default {false}
   */
  readonly replace?: boolean;
  /**
   * Computes the SHA-256 of a part of what is saved, for its checksum. Where the platform has a function that needs no copy of it, as
   * Node's and Deno's `node:crypto` has, saving takes less time.
   *
   * @default {that of the Web Crypto API}
   */
  readonly hash?: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array | Promise<Uint8Array>;
}

/** Checkpoints that are kept. */
export interface CheckpointStore extends CheckpointReader {
  /** Files that were found damaged when the store was opened. */
  readonly refused: readonly RefusedFile[];
  /**
   * Saves a training that has a position, as the newest generation. Once that is there, those that aren't kept are removed, and those
   * of later steps, as the training has gone back before them. Where it fails, the generations before are as they were.
   */
  save(training: TrainingCopy, options?: SaveCheckpointOptions): Promise<void>;
  /** Removes a generation. */
  discard(step: number): Promise<void>;
}

/**
 * Opens a store of checkpoints, and cleans up what saves that were broken off have left. A generation is two files,
 * `step-N.safetensors` and `step-N.optimizer.safetensors`; `last.json` names those that count, and `best.safetensors` are the best
 * parameters. A file has its name once all of it is there and counts. Where the pointer is older than whole generations, as one that
 * was put back from a backup, the newest of them counts.
 *
 * Only one store may be open for the same files at a time.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * // A folder in memory.
 * const kept = new Map<string, Uint8Array<ArrayBuffer>>();
 * const files: rill.FileSystem = {
 *   list: async () => await Promise.resolve([...kept.keys()]),
 *   read: async (name) => await Promise.resolve(kept.get(name)!.slice()),
 *   async write(name, parts) {
 *     kept.set(name, await new Response(ReadableStream.from(parts)).bytes());
 *   },
 *   async rename(from, to) {
 *     kept.set(to, await Promise.resolve(kept.get(from)!));
 *     kept.delete(from);
 *   },
 *   remove: async (name) => void await Promise.resolve(kept.delete(name)),
 *   sync: () => Promise.resolve(),
 * };
 *
 * await using backend = await rill.openBackend("wasm");
 * const network = rill.getOrThrow(rill.build(rill.linear(2), [2]));
 * const images = { data: Float32Array.of(1, 0), shape: [1, 2] };
 * async function train(epochs: number) {
 *   const store = await rill.openCheckpointStore(files);
 *   const { checkpoint } = await store.load();
 *   const training = pipe(
 *     rill.trainEpochs({
 *       backend,
 *       model: { network, optimizer: rill.adam() },
 *       epochs,
 *       train: () => ReadableStream.from([{ images, labels: Int32Array.of(0), size: 1 }]),
 *       from: checkpoint,
 *     }),
 *     rill.saveBeside(({ training, best, permanent }) =>
 *       store.save(training, { best, permanent })
 *     ),
 *   );
 *   for await (const _event of training);
 *   return (await store.list()).map(({ step }) => step);
 * }
 * assertEquals(await train(1), [1]);
 * assertEquals(await train(3), [2, 3]);
 * ```
 *
 * @param files Where the checkpoints are kept.
 * @param options How many.
 * @returns The store. Rejects with a `FileSystemError` where files can't be read or cleaned up, and with a `CheckpointError` where a
 * newer version of Rill has saved them. What the store does rejects so, too.
 * @throws {RangeError} If `keep` is not an integer of at least 1.
 */
export async function openCheckpointStore(
  files: FileSystem,
  { keep = 2, replace = false, describe = (file) => file, hash }: CheckpointStoreOptions = {},
): Promise<CheckpointStore> {
  if (!Number.isSafeInteger(keep) || keep < 1) {
    throw new RangeError(`Cannot keep ${keep} checkpoints: it must be an integer of at least 1`);
  }
  const place: Place = { files, describe, hash };
  let state = await recoverStore(place);
  const { refused } = state;
  /** Whether something failed, so that what is there isn't known. */
  let isUncertain = false;
  let isReplaced = !replace;
  const room: RestRoom = {};

  /** Everything is done one after the other. */
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(body: () => Promise<T>): Promise<T> => {
    const turn = last.then(body, body);
    last = turn;
    return turn;
  };
  /** Changes something. Where that fails, what it has left is removed, if need be before the next change. */
  const change = (body: () => Promise<void>) =>
    inTurn(async () => {
      if (isUncertain) state = await recoverStore(place);
      isUncertain = true;
      try {
        await body();
        isUncertain = false;
      } catch (error) {
        await recoverStore(place).then((recovered) => {
          state = recovered;
          isUncertain = false;
        }, () => {});
        throw error;
      }
    });
  /** Makes a pointer count, and brings the files in line with it. */
  const commit = async (pointer: Pointer, waiting: WrittenGeneration["waiting"] = []) => {
    await writePointer(place, pointer);
    state = { ...state, ...await settleFiles(place, pointer, waiting) };
  };

  return {
    refused: refused.map(tell),
    list: () => inTurn(() => Promise.resolve(listGenerations(state.pointer))),
    load: (options) =>
      inTurn(async () => {
        const loaded = await loadNewest(place, (how) => inspectStore(place, how), options);
        const isNew = ({ file }: RefusedFile) => !loaded.refused.some((one) => one.file === file);
        return { ...loaded, refused: [...refused.filter(isNew).map(tell), ...loaded.refused] };
      }),
    loadBest: () => inTurn(async () => await loadBest(place, await inspectStore(place))),
    save: (training, options = {}) =>
      change(async () => {
        const { permanent = true } = options;
        const step = checkPosition(training);
        const { pointer } = state;
        const written = await writeGeneration(place, { step, training }, options, room);
        const { checksum, best, waiting } = written;
        const before = isReplaced ? pointer : { generations: [], best: null };
        const earlier = before.generations.filter((generation) => generation.step < step);
        const isDropped = (other: StoredGeneration) =>
          isReplaced ? other.step > step : other.step !== step;
        await commit({
          generations: chooseKept([...earlier, { step, permanent, checksum }], keep),
          best: best ?? before.best,
          dropped: listDropped(pointer, isDropped).filter((other) => other !== step),
        }, waiting);
        isReplaced = true;
      }),
    discard: (step) =>
      change(() => {
        const { pointer } = state;
        const isDropped = (generation: StoredGeneration) => generation.step === step;
        const generations = pointer.generations.filter((one) => !isDropped(one));
        return commit({ ...pointer, generations, dropped: listDropped(pointer, isDropped) });
      }),
  };
}

/** Lists the steps of generations that are not to count again: those that go now, and those that went before. */
const listDropped = (
  { generations, dropped }: Pointer,
  isDropped: (generation: StoredGeneration) => boolean,
): number[] => [
  ...new Set([...dropped, ...generations.filter(isDropped).map(({ step }) => step)]),
];

function checkPosition({ position }: TrainingCopy): number {
  if (position) return position.step;
  throw new RangeError("Cannot save a training without a position: nobody could go on from it");
}
