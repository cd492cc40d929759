/**
 * Trainings copied to memory of their own, to be saved while they go on.
 *
 * @module
 */

import { copyOptimizer, copyVariables } from "./_copy_parts.ts";
import type { StoredTensor } from "../../weights/checkpoint.ts";
import type { TrainingSnapshot } from "../epochs/training_event.ts";
import type { SavedTraining } from "../epochs/training_options.ts";

export { CommunicatorError } from "../../parallel/communicator.ts";
export type { StoredTensor } from "../../weights/checkpoint.ts";
export type * from "../epochs/training_event.ts";
export type { SavedTraining } from "../epochs/training_options.ts";

/**
 * A training at rest in memory of its own: plain data, which can be posted to a worker, encoded, saved, and gone on from.
 */
export interface TrainingCopy extends SavedTraining {
  /** The parameters' running averages, and the buffers, where they were copied. */
  readonly averages?: Readonly<Record<string, StoredTensor>> | undefined;
}

/** What of a training is copied. */
export interface CopyTrainingOptions {
  /**
   * Whether the parameters' running averages are, where the optimizer keeps them: they are what is validated, and to be used. What
   * goes on needs the others.
   *
   * @default {false}
   */
  readonly averages?: boolean;
}

/**
 * Copies parameters, buffers and the optimizer's state out of the backend, so that they can be encoded and written while the
 * training goes on.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * await using _backend = await rill.openBackend("wasm");
 * const network = rill.getOrThrow(rill.build(rill.linear(2), [3]));
 * const state = rill.initTrainState(network, rill.sgd(), rill.randomKey(0));
 * const copy = await rill.copyTraining({ network, state });
 * assertEquals(Object.keys(copy.params), ["weight", "bias"]);
 * // As it would be posted to a worker, which has its memory then.
 * const posted = structuredClone(copy, { transfer: rill.listBuffers(copy) });
 * assertEquals([copy, posted].map(({ params }) => params["bias"]?.data.length), [0, 2]);
 * ```
 *
 * @param snapshot The training: a checkpoint event of `trainEpochs`, or what another loop has.
 * @param options What is copied beside the rest.
 * @returns The copy. Rejects with a `CommunicatorError` if another thread failed.
 */
export async function copyTraining(
  snapshot: TrainingSnapshot,
  { averages = false }: CopyTrainingOptions = {},
): Promise<TrainingCopy> {
  const { state, variables = state, position } = snapshot;
  return {
    params: await copyVariables(snapshot, false),
    ...averages && variables.params !== state.params &&
      { averages: await copyVariables(snapshot, true) },
    optimizer: await copyOptimizer(snapshot),
    position,
  };
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
 * @returns Its buffers, each once.
 */
export function listBuffers({ params, averages, optimizer }: TrainingCopy): ArrayBuffer[] {
  const tensors = [params, averages ?? {}, optimizer ?? {}].flatMap((all) => Object.values(all));
  return [...new Set(tensors.map(({ data }) => data.buffer))];
}
