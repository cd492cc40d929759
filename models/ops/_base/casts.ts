// Integers and conditions as floats, and rows of zeros and a 1, by which a look-up has its gradient.
import * as tf from "@tensorflow/tfjs-core";
import { run } from "./differentiable.ts";

/** Makes floats of integers or of conditions, which no gradient passes. */
export function toFloats(x: tf.Tensor): tf.Tensor {
  const converted = tf.cast(x, "float32");
  if (tf.getBackend() !== "webgpu") return converted;
  // tfjs leaves the storage as it is there, which not every program expects.
  const stored = tf.mul(converted, 1);
  converted.dispose();
  return stored;
}

/** Writes integers as rows of zeros and a 1. With floats asked for, WASM would write integers in their place. */
export function toRows(indices: tf.Tensor, depth: number): tf.Tensor {
  const attrs = { dtype: "int32", depth, onValue: 1, offValue: 0 };
  const integers = run("OneHot", { indices }, attrs);
  const rows = toFloats(integers);
  integers.dispose();
  return rows;
}

/** Sums `[outer, places, inner]` by place to `[outer, length, inner]`, as a product with the places as rows of zeros and a 1. */
export function scatterSum(x: tf.Tensor, places: tf.Tensor, length: number): tf.Tensor {
  const [outer = 1, count = 1, inner = 1] = x.shape;
  const rows = toRows(places, length);
  const columns = tf.reshape(tf.transpose(x, [1, 0, 2]), [count, outer * inner]);
  const sums = tf.matMul(rows as tf.Tensor2D, columns as tf.Tensor2D, true);
  return tf.transpose(tf.reshape(sums, [length, outer, inner]), [1, 0, 2]);
}
