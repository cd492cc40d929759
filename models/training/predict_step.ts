/**
 * The outputs for one batch.
 *
 * @module
 */

import type { Network } from "../layers/network.ts";
import * as ops from "../ops/_ops.ts";
import { checkUnconsumed } from "../types/_consumption.ts";
import type { Variables } from "../types/tensor.ts";
import { checkBatch, toInputTensor } from "./_to_input_tensor.ts";
import type { InputBatch, InputOptions, SizedBatch } from "./training_batch.ts";

export type { Network } from "../layers/network.ts";
export type { Variables } from "../types/tensor.ts";
export type { BatchInput, InputBatch, InputOptions, SizedBatch } from "./training_batch.ts";

/** A network's outputs for a batch. */
export interface Prediction {
  /** The outputs, such as logits, in row-major order. */
  readonly data: Float32Array<ArrayBuffer>;
  /** Their shape, `[size, ...outputShape]`. */
  readonly shape: readonly number[];
}

/**
 * Makes the function that gives a network's outputs for a batch: a forward pass as in use, without dropout. What else a batch
 * has, such as labels, is left alone.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * await using _backend = await rill.openBackend("wasm");
 * const network = rill.getOrThrow(rill.build(rill.relu(), [2]));
 * const predict = rill.predictStep(network);
 * const images = { data: Float32Array.of(-1, 5), shape: [1, 2] };
 * const { data, shape } = await predict(network.init(rill.randomKey(0)), { images, size: 1 });
 * assertEquals([[...data], shape], [[0, 5], [1, 2]]);
 * ```
 *
 * @typeParam B The batches.
 * @param network The network.
 * @param options The function that makes the network's input of a batch.
 * @returns The function from variables (or the state of a training) and batch to the outputs. It leaves both as they are, has
 * read all of the batch when it returns its promise, and rejects with a `RangeError` if the batch doesn't fit the network.
 */
export function predictStep<B extends SizedBatch = InputBatch>(
  network: Network,
  { input }: InputOptions<B> = {},
): (variables: Variables, batch: B) => Promise<Prediction> {
  return async (variables, batch) => {
    checkUnconsumed("predict", variables);
    checkBatch(network, batch, input);
    const output = ops.tidy(() =>
      network.apply(variables, toInputTensor(network, batch, input)).output
    );
    try {
      return { data: Float32Array.from(await output.data()), shape: [...output.shape] };
    } finally {
      output.dispose();
    }
  };
}
