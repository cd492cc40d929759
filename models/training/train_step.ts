/**
 * The training on one batch.
 *
 * @module
 */

import type { Network } from "../layers/network.ts";
import type { ClassLabels } from "../losses/loss.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { createTrainStep } from "./_create_train_step.ts";
import type { StepMetrics } from "./metrics.ts";
import type { TrainState } from "./train_state.ts";
import type {
  InputBatch,
  InputOptions,
  LossOptions,
  SizedBatch,
  StepOptions,
} from "./training_batch.ts";

export type { Network } from "../layers/network.ts";
export type { Loss, Mean, Metric } from "../losses/loss.ts";
export type { Optimizer } from "../optimizers/optimizer.ts";
export { type Communicator, CommunicatorError } from "../parallel/communicator.ts";
export type { StepMetrics } from "./metrics.ts";
export type { TrainState } from "./train_state.ts";
export type {
  BatchInput,
  InputBatch,
  InputOptions,
  LossOptions,
  SizedBatch,
  StepOptions,
  TrainingBatch,
} from "./training_batch.ts";

/** Where a step is computed. */
export interface ParallelOptions {
  /**
   * The ranks that the work is shared with. Each must have the same state, from `initTrainState` with its communicator, and be
   * given the same batches, or as a `part` at least its share of them, see `findBatchPart`. The result has the same bits for any number of ranks, on processors of
   * one kind; metrics are the whole batch's. This takes the WASM backend.
   *
   * @default {one rank}
   */
  readonly communicator?: Communicator | undefined;
}

/** Trains on one batch: state and batch to the next state and the metrics. */
export type TrainStep<B extends SizedBatch, M extends string> = (
  state: TrainState,
  batch: B,
) => [TrainState, StepMetrics<M>];

/**
 * Makes the function that trains on one batch: forward, loss, backward, update. It has the shape that the `scan` stage takes,
 * so training is a fold over a stream of batches. The loss is the cross-entropy of classification, with the accuracy beside
 * it, unless another is given.
 *
 * A step **consumes** the state that it is given: its buffers are released or reused, and using it again is an error. For a
 * batch that doesn't fit the network it throws a `RangeError` and leaves the state as it is.
 *
 * @example Usage
 * ```ts
 * import { assert } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * await using _backend = await rill.openBackend("wasm");
 * const network = rill.getOrThrow(rill.build(rill.linear(2), [2]));
 * const optimizer = rill.sgd({ learningRate: 1 });
 * const step = rill.trainStep(network, optimizer);
 * let state = rill.initTrainState(network, optimizer, rill.randomKey(0));
 * const images = { data: Float32Array.of(1, 0, 0, 1), shape: [2, 2] };
 * const batch = { images, labels: Int32Array.of(0, 1), size: 2 };
 * const pending = [];
 * for (let i = 0; i < 5; i++) {
 *   const [next, metrics] = step(state, batch);
 *   state = next;
 *   pending.push(metrics);
 * }
 * const losses = (await rill.readMetrics(pending)).map(({ loss }) => loss);
 * assert(losses.at(-1)! < losses[0]!);
 * ```
 *
 * @typeParam M The names of further metrics.
 * @typeParam B The batches that those metrics take: all that have classes, or some of them.
 * @typeParam I The batches that the input is made of.
 * @param network The network.
 * @param optimizer The optimizer that made the state.
 * @param options The function that makes the network's input of a batch, further metrics, and the ranks that share the work.
 * @returns The step. With several ranks it throws a `CommunicatorError` if another one failed, and a `BackendError` on a
 * backend that can't share.
 * @throws {RangeError} If the network has no parameters, or the optimizer treats some by names that none has.
 */
export function trainStep<
  M extends string = never,
  B extends ClassLabels = ClassLabels,
  I extends SizedBatch = InputBatch,
>(
  network: Network,
  optimizer: Optimizer,
  options?:
    & Partial<StepOptions<B, never, M, I>>
    & { readonly loss?: undefined }
    & ParallelOptions,
): TrainStep<B & I, M | "accuracy">;
/**
 * Makes the function that trains on one batch by a loss.
 *
 * @typeParam B The batches that the loss takes.
 * @typeParam L The names of the metrics that the loss gives.
 * @typeParam M The names of further metrics.
 * @typeParam I The batches that the input is made of.
 * @param network The network.
 * @param optimizer The optimizer that made the state.
 * @param options The loss; besides the function that makes the network's input of a batch, further metrics, and the ranks that
 * share the work.
 * @returns The step. With several ranks it throws a `CommunicatorError` if another one failed, and a `BackendError` on a
 * backend that can't share.
 * @throws {RangeError} If the network has no parameters, or a metric is called as something that steps report.
 */
export function trainStep<
  B,
  L extends string = never,
  M extends string = never,
  I extends SizedBatch = InputBatch,
>(
  network: Network,
  optimizer: Optimizer,
  options: StepOptions<B, L, M, I> & ParallelOptions,
): TrainStep<B & I, L | M>;
export function trainStep<B extends SizedBatch>(
  network: Network,
  optimizer: Optimizer,
  options: InputOptions<B> & Partial<LossOptions<B, string, string>> & ParallelOptions = {},
): TrainStep<B, string> {
  return createTrainStep(network, optimizer, options);
}
