/**
 * Trainings from safetensors files.
 *
 * @module
 */

import { type Either, right } from "../../types/either.ts";
import type { StoredTensor } from "../../weights/checkpoint.ts";
import type { CheckpointError } from "../../weights/checkpoint_error.ts";
import { OPTIMIZER_PREFIX } from "./_checkpoint_format.ts";
import { decodeFile } from "./_decode_file.ts";
import type { SavedTraining } from "../epochs/training_options.ts";

export type { Either } from "../../types/either.ts";
export type { StoredTensor } from "../../weights/checkpoint.ts";
export { CheckpointError, type CheckpointErrorFacts } from "../../weights/checkpoint_error.ts";
export type { SavedTraining } from "../epochs/training_options.ts";
export type { TrainingPosition } from "../epochs/training_event.ts";

/** How a checkpoint is decoded. */
export interface DecodeCheckpointOptions {
  /**
   * The name of the bytes in the message of an error, such as the file's path.
   *
   * @default {"the checkpoint"}
   */
  readonly source?: string;
  /** The bytes of the optimizer's state, where it is a file of its own. */
  readonly optimizer?: Uint8Array<ArrayBuffer>;
}

/** A checkpoint: a training at rest, and what was saved with it. */
export interface DecodedCheckpoint extends SavedTraining {
  /** The data that it was encoded with; undefined if there were none. */
  readonly data: unknown;
  /** All of the file's metadata. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Decodes what `encodeCheckpoint` made, or any other safetensors file of parameters, which has no position then. The tensors are
 * views of the bytes. A file of `encodeCheckpoint` is verified first, by its checksum: one that has changed since is refused.
 *
 * @example A file that has parameters and nothing else
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeCheckpoint, encodeSafetensors, getOrThrow } from "@rill/rill/models";
 *
 * const bias = { shape: [2], data: Float32Array.of(1, 2) };
 * const file = await new Blob(encodeSafetensors({ bias })).bytes();
 * const { params, position } = getOrThrow(await decodeCheckpoint(file));
 * assertEquals([params, position], [{ bias }, undefined]);
 * ```
 *
 * @param bytes The whole file.
 * @param options The name of the bytes, and those of the optimizer's state.
 * @returns The checkpoint, which `trainEpochs` takes to go on from, or the error that names the fault.
 */
export async function decodeCheckpoint(
  bytes: Uint8Array<ArrayBuffer>,
  { source = "the checkpoint", optimizer }: DecodeCheckpointOptions = {},
): Promise<Either<CheckpointError, DecodedCheckpoint>> {
  const main = await decodeFile(bytes, source);
  if (main._tag === "Left") return main;
  const beside = optimizer && await decodeFile(optimizer, `${source}'s optimizer`);
  if (beside?._tag === "Left") return beside;
  const { tensors, metadata, facts: { position, data } } = main.right;
  const params: Record<string, StoredTensor> = {};
  const running: Record<string, StoredTensor> = { ...beside?.right.tensors };
  let hasOptimizer = beside !== undefined;
  for (const [name, stored] of Object.entries(tensors)) {
    if (name.startsWith(OPTIMIZER_PREFIX)) running[name.slice(OPTIMIZER_PREFIX.length)] = stored;
    else params[name] = stored;
    hasOptimizer ||= name.startsWith(OPTIMIZER_PREFIX);
  }
  return right({ params, ...hasOptimizer && { optimizer: running }, position, data, metadata });
}
