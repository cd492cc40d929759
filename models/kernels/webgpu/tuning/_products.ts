import * as tf from "@tensorflow/tfjs-core";
import type { GpuBackend } from "../device/_gpu_backend.ts";
import {
  convolve,
  convolveFilterGradient,
  convolveInputGradient,
} from "../convolutions/_convolution.ts";
import type { Convolution } from "../convolutions/_shape.ts";
import { matmul } from "../gemm/_matmul.ts";

/** A product that a training step computes. */
export interface Product {
  readonly name: string;
  readonly pass: "forward" | "input gradient" | "weight gradient";
  readonly of: Convolution | Dense;
}

/** The product of a dense layer: `[batch, inputs]` by `[inputs, outputs]`. */
export interface Dense {
  readonly batch: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** Names a product with its pass. */
export function nameProduct({ name, pass }: Product): string {
  return `${name} ${pass}`;
}

/** Counts the floating-point operations of a product. */
export function countFlops({ of }: Product): number {
  if (!("kernel" in of)) return 2 * of.batch * of.inputs * of.outputs;
  const [height, width] = of.output;
  return 2 * of.batch * height * width * of.filters * of.kernel[0] * of.kernel[1] * of.channels;
}

/** Makes the operands of a product: numbers from -1 to 1, since a device may be faster where all are the same. */
export function makeOperands({ pass, of }: Product): readonly [left: tf.Tensor, right: tf.Tensor] {
  const isConvolution = "kernel" in of;
  const x = isConvolution ? [of.batch, ...of.input, of.channels] : [of.batch, of.inputs];
  const weight = isConvolution ? [...of.kernel, of.channels, of.filters] : [of.inputs, of.outputs];
  const dy = isConvolution ? [of.batch, ...of.output, of.filters] : [of.batch, of.outputs];
  if (pass === "forward") return [makeNoise(x), makeNoise(weight)];
  if (pass === "input gradient") return [makeNoise(dy), makeNoise(weight)];
  return [makeNoise(x), makeNoise(dy)];
}

/** Computes a product of its operands. */
export function computeProduct(
  gpu: GpuBackend,
  { pass, of }: Product,
  left: tf.Tensor,
  right: tf.Tensor,
): tf.TensorInfo {
  if ("kernel" in of) {
    if (pass === "forward") return convolve(gpu, left, right, of);
    if (pass === "input gradient") return convolveInputGradient(gpu, left, right, of);
    return convolveFilterGradient(gpu, left, right, of);
  }
  return matmul(gpu, left, right, pass === "weight gradient", pass === "input gradient")!;
}

function makeNoise(shape: number[]): tf.Tensor {
  const data = new Float32Array(tf.util.sizeFromShape(shape));
  // Some of them again and again: to draw a hundred million takes seconds.
  const drawn = Math.min(data.length, 65521);
  for (let i = 0, state = 1; i < drawn; i++) {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    data[i] = state / 2 ** 31;
  }
  for (let at = drawn; at < data.length; at *= 2) data.copyWithin(at, 0, at);
  return tf.tensor(data, shape);
}
