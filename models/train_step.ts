import * as ops from "./_ops.ts";
import { batchTensor } from "./_batch_tensor.ts";
import { foldIn } from "./fold_in.ts";
import type { Network } from "./network.ts";
import type { Optimizer } from "./optimizer.ts";
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
 * @returns The step: state and batch to the next state and what was measured.
 */
export function trainStep(
  network: Network,
  optimizer: Optimizer,
): (state: TrainState, batch: TrainingBatch) => [TrainState, StepMetrics] {
  return (state, batch) => {
    const key = foldIn(state.key, state.step);
    const { gradients, value } = ops.tidy(() => {
      const input = batchTensor(network, batch);
      const labels = ops.indices(batch.labels);
      return ops.valueAndGradients(
        state.params,
        (params) => {
          const logits = network.apply(params, input, { training: true, key });
          return ops.crossEntropyAndCorrect(logits, labels);
        },
        2,
      );
    });
    const [params, optimizerState] = optimizer.update(state.params, gradients, state.optimizer);
    for (const gradient of Object.values(gradients)) gradient.dispose();
    ops.submit();
    const step = state.step + 1;
    return [
      { params, optimizer: optimizerState, step, key: state.key },
      { step, size: batch.size, values: value },
    ];
  };
}
