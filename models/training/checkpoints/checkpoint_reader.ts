/**
 * Checkpoints that are kept, for those who only look at them.
 *
 * @module
 */

import type { Place } from "./_place.ts";
import { inspectStore } from "./_inspect_store.ts";
import { listGenerations, loadBest, loadNewest } from "./_load.ts";
import type { CheckpointReader } from "./_store_types.ts";
import type { FileSystem } from "./file_system.ts";

export type * from "./_store_types.ts";
export { CheckpointError, type CheckpointErrorFacts } from "../../weights/checkpoint_error.ts";
export type { CopiedTensor, TensorRecord, TrainingCopy } from "./copy_training.ts";
export type { DecodedCheckpoint } from "./decode_checkpoint.ts";
export type { FileSystem } from "./file_system.ts";
export { FileSystemError } from "./file_system_error.ts";
export type * from "../epochs/training_event.ts";
export type { SavedTraining } from "../epochs/training_options.ts";

/** How checkpoints are looked at. */
export interface CheckpointReaderOptions {
  /**
   * Gives a file's name as messages have it, such as its path.
   *
   * @default {the name}
   */
  readonly describe?: (file: string) => string;
}

/**
 * Opens checkpoints that `openCheckpointStore` keeps to look at them, also while they are saved by another process. Everything is
 * verified, and nothing is changed, not even what a save that was broken off has left.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type FileSystem, openCheckpointReader } from "@rill/rill/models";
 *
 * const refuse = () => Promise.reject(new Error("it is empty"));
 * const empty: FileSystem = {
 *   list: () => Promise.resolve([]),
 *   read: refuse,
 *   write: refuse,
 *   rename: refuse,
 *   remove: refuse,
 *   sync: () => Promise.resolve(),
 * };
 * const { checkpoint, refused } = await openCheckpointReader(empty).load();
 * assertEquals([checkpoint, refused], [undefined, []]);
 * ```
 *
 * @param files Where the checkpoints are.
 * @param options How files are called in messages.
 * @returns The reader. What it does rejects with a `FileSystemError` where the files can't be listed, and with a `CheckpointError`
 * where a newer version of Rill has saved them.
 */
export function openCheckpointReader(
  files: FileSystem,
  { describe = (file) => file }: CheckpointReaderOptions = {},
): CheckpointReader {
  const place: Place = { files, describe };
  return {
    list: async () => listGenerations((await inspectStore(place)).pointer),
    load: (options) => loadNewest(place, (how) => inspectStore(place, how), options),
    loadBest: async () => await loadBest(place, await inspectStore(place)),
  };
}
