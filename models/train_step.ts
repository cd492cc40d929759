import * as ops from "./_ops.ts";
import { mapParams } from "./_optimizer.ts";
import { batchTensor, checkBatch } from "./_batch_tensor.ts";
import { type Gradients, updateInParallel } from "./_update_in_parallel.ts";
import { share } from "./_share.ts";
import type { Communicator } from "./communicator.ts";
import { foldIn } from "./fold_in.ts";
import type { Key } from "./key.ts";
import type { Network } from "./network.ts";
import type { Optimizer } from "./optimizer.ts";
import type { Params } from "./params.ts";
import { shareBatch } from "./share_batch.ts";
import { singleProcess } from "./single_process.ts";
import type { StepMetrics } from "./step_metrics.ts";
import type { TrainingBatch } from "./training_batch.ts";
import type { TrainState } from "./train_state.ts";

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
 * @param communicator Whom the work is shared with; nobody by default. Every rank must have the same state, from
 * `initTrainState` with its communicator, and be given the same batches, of which it takes its share. The result is that of
 * one rank but for rounding; metrics are the whole batch's. This takes an optimiser that updates each number by itself, and
 * the WASM backend.
 * @returns The step: state and batch to the next state and what was measured. With several ranks it throws a
 * `CommunicatorError` if another one failed, and a `BackendError` on a backend that can't share.
 */
export function trainStep(
  network: Network,
  optimizer: Optimizer,
  communicator: Communicator = singleProcess(),
): (state: TrainState, batch: TrainingBatch) => [TrainState, StepMetrics] {
  return (state, batch) => {
    const key = foldIn(state.key, state.step);
    const update = () => {
      if (communicator.size > 1) {
        return stepInParallel(network, optimizer, communicator, state, batch, key);
      }
      const { gradients, value, correct } = differentiate(network, state.params, batch, key);
      const [params, next] = optimizer.update(state.params, gradients, state.optimizer);
      for (const gradient of Object.values(gradients)) gradient.dispose();
      return { params, optimizer: next, value, correct };
    };
    const { params, optimizer: optimizerState, value, correct } = update();
    const step = state.step + 1;
    return [
      { params, optimizer: optimizerState, step, key: state.key },
      { step, size: batch.size, loss: value, correct },
    ];
  };
}

/** A batch's loss, its gradients, and how many were right. Of a share of a batch it is its part of what the whole has. */
function differentiate(
  network: Network,
  params: Params,
  batch: TrainingBatch,
  key: Key,
  { first, whole }: { readonly first: number; readonly whole: number } = {
    first: 0,
    whole: batch.size,
  },
): Gradients {
  return ops.tidy(() => {
    const input = batchTensor(network, batch);
    const labels = ops.indices(batch.labels);
    let correct = labels;
    const result = ops.valueAndGradients(params, (params) => {
      const logits = network.apply(params, input, { training: true, key, first });
      correct = ops.keep(ops.countEqual(ops.argMax(logits), labels));
      const mean = ops.mean(ops.crossEntropies(logits, labels));
      return batch.size === whole ? mean : ops.scale(mean, batch.size / whole);
    });
    return { ...result, correct };
  });
}

/** What a rank without an example has. */
function nothing(params: Params): Gradients {
  return {
    gradients: mapParams(params, (tensor) => ops.zerosLike(tensor)),
    value: ops.tensor(Float32Array.of(0), []),
    correct: ops.tensor(Float32Array.of(0), []),
  };
}

function stepInParallel(
  network: Network,
  optimizer: Optimizer,
  communicator: Communicator,
  state: TrainState,
  batch: TrainingBatch,
  key: Key,
): ReturnType<typeof updateInParallel> {
  // All of it, so that every rank refuses it alike.
  checkBatch(network, batch);
  try {
    const [first] = share(batch.size, communicator.rank, communicator.size);
    const part = shareBatch(batch, communicator);
    const result = part.size === 0
      ? nothing(state.params)
      : differentiate(network, state.params, part, key, { first, whole: batch.size });
    return updateInParallel(network, optimizer, communicator, state, result);
  } catch (error) {
    communicator.abort(error);
    throw error;
  }
}
