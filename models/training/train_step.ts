/**
 * The training on one batch.
 *
 * @module
 */

import type { Network } from "../layers/network.ts";
import * as ops from "../ops/_ops.ts";
import { multiply } from "../ops/arithmetic.ts";
import { listTrained } from "../optimizers/list_trained.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { updateByOptimizer } from "../optimizers/update_by_optimizer.ts";
import { computeShare } from "../parallel/_share.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { singleProcess } from "../parallel/single_process.ts";
import { foldIn, type Key } from "../random/key.ts";
import { disposeTensors, getTensor, mapTensors } from "../types/_tensors.ts";
import type { Params, Tensor } from "../types/tensor.ts";
import { checkBatch, toInputTensor } from "./_to_input_tensor.ts";
import { type Gradients, updateInParallel } from "./_update_in_parallel.ts";
import type { StepMetrics } from "./metrics.ts";
import { shareBatch } from "./share_batch.ts";
import type { TrainState } from "./train_state.ts";
import type { BatchInput, StepOptions, TrainingBatch } from "./training_batch.ts";

export type { Network } from "../layers/network.ts";
export type { Optimizer } from "../optimizers/optimizer.ts";
export { type Communicator, CommunicatorError } from "../parallel/communicator.ts";
export type { StepMetrics } from "./metrics.ts";
export type { TrainState } from "./train_state.ts";
export type { BatchInput, StepOptions, TrainingBatch } from "./training_batch.ts";

/** Options of {@linkcode trainStep}. */
export interface TrainStepOptions extends StepOptions {
  /**
   * The ranks that the work is shared with. Each must have the same state, from `initTrainState` with its communicator, and be
   * given the same batches, of which it takes its share. The result is that of one rank but for rounding; metrics are the
   * whole batch's. This takes an optimizer that updates each number by itself, and the WASM backend.
   *
   * @default {one rank}
   */
  readonly communicator?: Communicator | undefined;
}

/**
 * Makes the function that trains on one batch: forward, cross-entropy, backward, update. It has the shape that the
 * `scan` stage takes, so training is a fold over a stream of batches.
 *
 * A step **consumes** the state that it is given: its buffers are released or reused. For a batch that doesn't fit the
 * network it throws a `RangeError` and leaves the state as it is.
 *
 * @example Usage
 * ```ts
 * import { assert } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * const backend = await rill.openBackend("wasm");
 * const network = rill.build(rill.linear(2), [2]);
 * assert(network._tag === "Right");
 * const optimizer = rill.sgd({ learningRate: 1 });
 * const step = rill.trainStep(network.right, optimizer);
 * let state = rill.initTrainState(network.right, optimizer, rill.randomKey(0));
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
 * await backend.close();
 * ```
 *
 * @param network The network.
 * @param optimizer The optimizer.
 * @param options The function that makes the network's input of a batch's images, and the ranks that share the work.
 * @returns The step: state and batch to the next state and the metrics. With several ranks it throws a
 * `CommunicatorError` if another one failed, and a `BackendError` on a backend that can't share.
 * @throws {RangeError} If the network has no parameters, or the optimizer treats some by names that none has.
 */
export function trainStep(
  network: Network,
  optimizer: Optimizer,
  options: TrainStepOptions = {},
): (state: TrainState, batch: TrainingBatch) => [TrainState, StepMetrics] {
  const { communicator = singleProcess(), input } = options;
  if (network.parameters.length === 0) {
    const layers = network.layers.map(({ layer }) => layer).join(", ");
    throw new RangeError(
      `Cannot train a network without parameters: it has ${layers || "no layers"}`,
    );
  }
  const trained = listTrained(optimizer, network.parameters.map(({ name }) => name));
  return (state, batch) => {
    const key = foldIn(state.key, state.step);
    const update = () => {
      if (communicator.size > 1) {
        return stepInParallel(
          network,
          optimizer,
          { communicator, input, trained },
          state,
          batch,
          key,
        );
      }
      const { gradients, values } = differentiate(network, state.params, {
        batch,
        input,
        key,
        trained,
        // Where gradients are accumulated they are of the loss's sum.
        factor: optimizer.accumulate === undefined ? 1 : batch.size,
        scaling: state.optimizer.scaling,
      });
      const next = updateByOptimizer(optimizer, {
        params: state.params,
        gradients,
        state: state.optimizer,
        weight: batch.size,
      });
      disposeTensors(gradients);
      ops.submit();
      return { params: next.params, optimizer: next.state, values };
    };
    const { params, optimizer: optimizerState, values } = update();
    const step = state.step + 1;
    return [
      { params, optimizer: optimizerState, step, key: state.key },
      { step, size: batch.size, values },
    ];
  };
}

/** Computes a batch's loss, its gradients, and how many were right. Of a share of a batch it is its part of the whole's. */
function differentiate(
  network: Network,
  params: Params,
  { batch, input, key, trained, scaling, first = 0, whole = batch.size, factor = 1 }: {
    readonly batch: TrainingBatch;
    readonly input: BatchInput | undefined;
    readonly key: Key;
    /** The names of the parameters that are trained. */
    readonly trained: readonly string[];
    /** By what gradients are multiplied. */
    readonly factor?: number;
    /** The state of loss scaling, where the gradients are to be scaled. */
    readonly scaling?: Tensor | undefined;
    /** The position of the share's first example in the whole batch, and how many examples that has. */
    readonly first?: number;
    readonly whole?: number;
  },
): Gradients {
  const { gradients, value: values } = ops.tidy(() => {
    const frozen = params;
    const images = toInputTensor(network, batch, input);
    const labels = ops.createIndices(batch.labels);
    return ops.valueAndGradients(
      pickTensors(params, trained),
      (params) => {
        const all = { ...frozen, ...params };
        const logits = network.apply(all, images, { training: true, key, first });
        const measured = ops.crossEntropyAndCorrect(logits, labels, scaling);
        return batch.size === whole
          ? measured
          : ops.multiply(measured, Float32Array.of(batch.size / whole, 1));
      },
      2,
    );
  });
  if (factor === 1) return { gradients, values };
  const sums = mapTensors(gradients, (gradient) => multiply(gradient, factor));
  disposeTensors(gradients);
  return { gradients: sums, values };
}

/** Picks tensors by name. */
function pickTensors(tensors: Params, names: readonly string[]): Params {
  return Object.fromEntries(names.map((name) => [name, getTensor(tensors, name)]));
}

/** Creates the results of a rank without an example. */
function createZeroGradients(params: Params): Gradients {
  return {
    gradients: mapTensors(params, (tensor) => ops.zerosLike(tensor)),
    values: ops.createTensor(Float32Array.of(0, 0), [2]),
  };
}

function stepInParallel(
  network: Network,
  optimizer: Optimizer,
  { communicator, input, trained }: {
    readonly communicator: Communicator;
    readonly input: BatchInput | undefined;
    readonly trained: readonly string[];
  },
  state: TrainState,
  batch: TrainingBatch,
  key: Key,
): ReturnType<typeof updateInParallel> {
  // All of it, so that every rank refuses it alike.
  checkBatch(network, batch, input);
  try {
    const [first] = computeShare(batch.size, communicator.rank, communicator.size);
    const part = shareBatch(batch, communicator);
    const result = part.size === 0
      ? createZeroGradients(pickTensors(state.params, trained))
      : differentiate(network, state.params, {
        batch: part,
        input,
        key,
        trained,
        first,
        whole: batch.size,
        factor: optimizer.accumulate === undefined ? 1 : batch.size,
      });
    return updateInParallel(network, optimizer, communicator, state, result, batch.size);
  } catch (error) {
    communicator.abort(error);
    throw error;
  }
}
