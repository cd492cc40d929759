import type { Network } from "../layers/network.ts";
import * as ops from "../ops/_ops.ts";
import { mapParams } from "../optimizers/_optimizer.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { share } from "../parallel/_share.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { singleProcess } from "../parallel/single_process.ts";
import { foldIn, type Key } from "../random/key.ts";
import type { Params, Tensor } from "../types/tensor.ts";
import { batchTensor, checkBatch } from "./_batch_tensor.ts";
import { type Gradients, updateInParallel } from "./_update_in_parallel.ts";
import type { StepMetrics } from "./metrics.ts";
import { shareBatch } from "./share_batch.ts";
import type { StepOptions } from "./step_options.ts";
import type { TrainState } from "./train_state.ts";
import type { BatchInput, TrainingBatch } from "./training_batch.ts";

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
 * const metrics = await rill.readMetrics(pending);
 * assert(metrics[4].loss < metrics[0].loss);
 * await backend.close();
 * ```
 *
 * @param network The network.
 * @param optimizer The optimiser whose `init` made the state.
 * @param options How a batch's images become the network's input, and whom the work is shared with.
 * @returns The step: state and batch to the next state and what was measured. With several ranks it throws a
 * `CommunicatorError` if another one failed, and a `BackendError` on a backend that can't share.
 */
export function trainStep(
  network: Network,
  optimizer: Optimizer,
  options: TrainStepOptions = {},
): (state: TrainState, batch: TrainingBatch) => [TrainState, StepMetrics] {
  const { communicator = singleProcess(), input } = options;
  return (state, batch) => {
    const key = foldIn(state.key, state.step);
    const update = () => {
      if (communicator.size > 1) {
        return stepInParallel(network, optimizer, { communicator, input }, state, batch, key);
      }
      const { gradients, values } = differentiate(network, state.params, {
        batch,
        input,
        key,
        scaling: state.optimizer.scaling,
      });
      const [params, next] = optimizer.update(state.params, gradients, state.optimizer);
      for (const gradient of Object.values(gradients)) gradient.dispose();
      ops.submit();
      return { params, optimizer: next, values };
    };
    const { params, optimizer: optimizerState, values } = update();
    const step = state.step + 1;
    return [
      { params, optimizer: optimizerState, step, key: state.key },
      { step, size: batch.size, values },
    ];
  };
}

/** A batch's loss, its gradients, and how many were right. Of a share of a batch it is its part of what the whole has. */
function differentiate(
  network: Network,
  params: Params,
  { batch, input, key, scaling, first = 0, whole = batch.size }: {
    readonly batch: TrainingBatch;
    readonly input: BatchInput | undefined;
    readonly key: Key;
    /** The state of loss scaling, where the gradients are to be scaled. */
    readonly scaling?: Tensor;
    /** The place of the share's first example in the whole batch, and how many examples that has. */
    readonly first?: number;
    readonly whole?: number;
  },
): Gradients {
  const { gradients, value: values } = ops.tidy(() => {
    const images = batchTensor(network, batch, input);
    const labels = ops.indices(batch.labels);
    return ops.valueAndGradients(
      params,
      (params) => {
        const logits = network.apply(params, images, { training: true, key, first });
        const measured = ops.crossEntropyAndCorrect(logits, labels, scaling);
        return batch.size === whole
          ? measured
          : ops.weigh(measured, Float32Array.of(batch.size / whole, 1));
      },
      2,
    );
  });
  return { gradients, values };
}

/** What a rank without an example has. */
function nothing(params: Params): Gradients {
  return {
    gradients: mapParams(params, (tensor) => ops.zerosLike(tensor)),
    values: ops.tensor(Float32Array.of(0, 0), [2]),
  };
}

function stepInParallel(
  network: Network,
  optimizer: Optimizer,
  { communicator, input }: { readonly communicator: Communicator; readonly input?: BatchInput },
  state: TrainState,
  batch: TrainingBatch,
  key: Key,
): ReturnType<typeof updateInParallel> {
  // All of it, so that every rank refuses it alike.
  checkBatch(network, batch, input);
  try {
    const [first] = share(batch.size, communicator.rank, communicator.size);
    const part = shareBatch(batch, communicator);
    const result = part.size === 0
      ? nothing(state.params)
      : differentiate(network, state.params, { batch: part, input, key, first, whole: batch.size });
    return updateInParallel(network, optimizer, communicator, state, result);
  } catch (error) {
    communicator.abort(error);
    throw error;
  }
}

/** Options of `trainStep`. */
export interface TrainStepOptions extends StepOptions {
  /**
   * Whom the work is shared with. Every rank must have the same state, from `initTrainState` with its communicator, and be
   * given the same batches, of which it takes its share. The result is that of one rank but for rounding; metrics are the
   * whole batch's. This takes an optimiser that updates each number by itself, and the WASM backend.
   *
   * @default {nobody}
   */
  readonly communicator?: Communicator;
}
