// The gradient of a look-up: sums of what went to the same place.
import * as tf from "@tensorflow/tfjs-core";
import { toRows } from "./_casts.ts";

/** Sums `[outer, places, inner]` by place to `[outer, length, inner]`, as a product with the places as rows of zeros and a 1. */
export function scatterSum(x: tf.Tensor, places: tf.Tensor, length: number): tf.Tensor {
  const [outer = 1, count = 1, inner = 1] = x.shape;
  const rows = toRows(places, length);
  const columns = tf.reshape(tf.transpose(x, [1, 0, 2]), [count, outer * inner]);
  const sums = tf.matMul(rows as tf.Tensor2D, columns as tf.Tensor2D, true);
  return tf.transpose(tf.reshape(sums, [length, outer, inner]), [1, 0, 2]);
}
