// A training as plain data: whoever only encodes and writes it needs nothing of what computes.
import type { TensorRecord } from "../../weights/_copied_tensors.ts";
import type { TrainingPosition } from "../epochs/training_event.ts";

/**
 * A training in memory of its own: plain data, which can be posted to a worker, encoded and saved. What `decodeCheckpoint` gives is
 * one, too.
 */
export interface TrainingCopy {
  /** Parameters and buffers. */
  readonly params: TensorRecord;
  /** The parameters' running averages, and the buffers, where they were copied. */
  readonly averages?: TensorRecord | undefined;
  /** The optimizer's running values. */
  readonly optimizer?: TensorRecord | undefined;
  /** Where the training is. */
  readonly position?: TrainingPosition | undefined;
}

/**
 * Lists the buffers of a copy, to be handed over when it is posted.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listBuffers } from "@rill/rill/models";
 *
 * const bias = { shape: [2], data: Float32Array.of(1, 2) };
 * assertEquals(listBuffers({ params: { bias } }), [bias.data.buffer]);
 * ```
 *
 * @param copy The copy.
 * @returns Its buffers, each once: one, if `copyTraining` made it.
 */
export function listBuffers({ params, averages, optimizer }: TrainingCopy): ArrayBuffer[] {
  const tensors = [params, averages ?? {}, optimizer ?? {}].flatMap((all) => Object.values(all));
  return [...new Set(tensors.map(({ data }) => data.buffer))];
}
