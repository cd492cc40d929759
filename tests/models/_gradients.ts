import * as tf from "@tensorflow/tfjs-core";
import { assert } from "@std/assert";
import {
  build,
  importParams,
  type Layer,
  randomKey,
  type StoredTensor,
  type Tensor,
  toTensor,
  type Variables,
} from "@rill/rill/models";
import * as ops from "../../models/ops/_ops.ts";
import { getOrThrow, numbers, take } from "./_helpers.ts";

/** The results of one pass of a layer: its output, and the gradients of `sum(output * weights)`. */
export interface Pass {
  readonly output: number[];
  readonly inputGradient: number[];
  /** By parameter, in the layout in memory. */
  readonly gradients: Readonly<Record<string, number[]>>;
}

/** Runs a layer forward and backward, in training. `input` and `weights` are as in memory. */
export async function runLayer(
  layer: Layer,
  input: StoredTensor,
  options: {
    readonly params?: Readonly<Record<string, StoredTensor>>;
    readonly weights?: Float32Array;
  } = {},
): Promise<Pass> {
  const network = getOrThrow(build(layer, input.shape.slice(1)));
  const { params, buffers }: Variables = options.params
    ? getOrThrow(importParams(network, options.params))
    : network.init(randomKey(3));
  const x = toTensor(input.data, input.shape);
  const context = { training: true, key: randomKey(5) };
  const shape = [input.shape[0]!, ...network.outputShape];
  const weights = toTensor(options.weights ?? numbers(shape.reduce((a, b) => a * b, 1), 7), shape);
  const { output } = ops.tidy(() => network.apply({ params, buffers }, x, context));
  const { value, gradients } = ops.tidy(() =>
    ops.valueAndGradients(
      { ...params, input: x },
      ({ input, ...params }) =>
        weighted(network.apply({ params, buffers }, input, context).output, weights),
    )
  );
  for (const tensor of [value, x, weights, ...Object.values(params), ...Object.values(buffers)]) {
    // Dropout at rate 0 passes its input on as its output.
    if (tensor !== output) tensor.dispose();
  }
  const taken: Record<string, number[]> = {};
  for (const [name, gradient] of Object.entries(gradients)) taken[name] = await take(gradient);
  const { input: inputGradient, ...rest } = taken;
  assert(inputGradient);
  return { output: await take(output), inputGradient, gradients: rest };
}

function weighted(output: Tensor, weights: Tensor): Tensor {
  const product = tf.mul(output as unknown as tf.Tensor, weights as unknown as tf.Tensor);
  return tf.sum(product) as unknown as Tensor;
}
