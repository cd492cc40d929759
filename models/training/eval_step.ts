/**
 * The evaluation of one batch.
 *
 * @module
 */

import type { Network } from "../layers/network.ts";
import * as ops from "../ops/_ops.ts";
import { randomKey } from "../random/key.ts";
import type { Params } from "../types/tensor.ts";
import { countClasses, toInputTensor } from "./_to_input_tensor.ts";
import type { StepOptions, TrainingBatch } from "./training_batch.ts";

export type { Network } from "../layers/network.ts";
export type { Params } from "../types/tensor.ts";
export type { BatchInput, StepOptions, TrainingBatch } from "./training_batch.ts";

/** A network's answers to a batch, and how far they are off. */
export interface Evaluation {
  /** The logits, `[size, classes]` in row-major order. */
  readonly logits: Float32Array<ArrayBuffer>;
  /** Each example's cross-entropy. */
  readonly losses: Float64Array<ArrayBuffer>;
  /** Each example's most likely class; where a logit is NaN, that one's. */
  readonly predictions: Int32Array<ArrayBuffer>;
}

/**
 * Makes the function that evaluates one batch: a forward pass as in use, without dropout.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * const backend = await rill.openBackend("wasm");
 * const network = rill.build(rill.relu(), [2]);
 * assert(network._tag === "Right");
 * const images = { data: Float32Array.of(1, 5), shape: [1, 2] };
 * const { predictions } = await rill.evalStep(network.right)(
 *   {},
 *   { images, labels: Int32Array.of(1), size: 1 },
 * );
 * assertEquals([...predictions], [1]);
 * await backend.close();
 * ```
 *
 * @param network The network; its output is one logit for each class.
 * @param options The function that makes the network's input of a batch's images.
 * @returns The function from parameters and batch to the evaluation. It leaves both as they are, and
 * rejects with a `RangeError` if the batch doesn't fit the network.
 */
export function evalStep(
  network: Network,
  { input }: StepOptions = {},
): (params: Params, batch: TrainingBatch) => Promise<Evaluation> {
  return async (params, batch) => {
    const output = ops.tidy(() =>
      network.apply(params, toInputTensor(network, batch, input), {
        training: false,
        key: randomKey(0),
      })
    );
    const classes = countClasses(network);
    const logits = Float32Array.from(await output.data());
    output.dispose();
    const losses = new Float64Array(batch.size);
    const predictions = new Int32Array(batch.size);
    for (let i = 0; i < batch.size; i++) {
      const row = logits.subarray(i * classes, (i + 1) * classes);
      losses[i] = ops.computeCrossEntropy(row, batch.labels[i]!);
      predictions[i] = ops.findLargest(row);
    }
    return { logits, losses, predictions };
  };
}
