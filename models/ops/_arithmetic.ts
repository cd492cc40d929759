import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../types/tensor.ts";
import { fromTfjs, toTfjs } from "./_base/tfjs.ts";

/** Computes `max(x, 0)`. */
export function relu(x: Tensor): Tensor {
  return fromTfjs(tf.relu(toTfjs(x)));
}

/** Multiplies each number of a vector by its own factor. */
export function multiply(x: Tensor, factors: Float32Array): Tensor {
  return fromTfjs(tf.mul(toTfjs(x), tf.tensor1d(factors)));
}

/** Computes `x * factor + y`. */
export function multiplyAdd(x: Tensor, factor: number, y: Tensor): Tensor {
  return fromTfjs(tf.tidy(() => tf.add(tf.mul(toTfjs(x), factor), toTfjs(y))));
}
