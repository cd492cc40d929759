/**
 * Trainings copied to memory of their own, to be saved while they go on.
 *
 * @module
 */

import { singleProcess } from "../../parallel/single_process.ts";
import { copyTensors, sourceOptimizer, sourceVariables } from "../../weights/_copy_tensors.ts";
import type { TrainingSnapshot } from "../epochs/training_event.ts";
import type { TrainingCopy } from "./_training_copy.ts";

export { CommunicatorError } from "../../parallel/communicator.ts";
export type { StoredTensor } from "../../weights/checkpoint.ts";
export type * from "../epochs/training_event.ts";
export type { CopiedTensor, TensorRecord } from "../../weights/_copied_tensors.ts";
export { listBuffers, type TrainingCopy } from "./_training_copy.ts";

/** What of a training is copied, and to where. */
export interface CopyTrainingOptions {
  /**
   * Whether the parameters' running averages are, where the optimizer keeps them: they are what is validated, and to be used. What
   * goes on needs the others.
   *
   * @default {false}
   */
  readonly averages?: boolean;
  /**
   * The memory of an earlier copy that nobody uses any more, as `listBuffers` gives it. New memory takes several times as long as
   * the copying does.
   */
  readonly memory?: ArrayBuffer | undefined;
}

/**
 * Copies parameters, buffers and the optimizer's state out of the backend, so that they can be encoded and written while the
 * training goes on. The tensors of a copy lie as the backend has them, one behind the other in one buffer: to bring them to
 * PyTorch's layouts is left to whoever encodes them, such as a worker.
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
  { averages: isWanted = false, memory }: CopyTrainingOptions = {},
): Promise<TrainingCopy> {
  const { network, state, variables = state, position, gather = singleProcess } = snapshot;
  const hasAverages = isWanted && variables.params !== state.params;
  const [params = {}, optimizer = {}, averages] = await copyTensors([
    sourceVariables(network, state),
    sourceOptimizer(network, state.optimizer, gather),
    ...hasAverages ? [sourceVariables(network, variables)] : [],
  ], memory);
  return { params, ...averages && { averages }, optimizer, position };
}
