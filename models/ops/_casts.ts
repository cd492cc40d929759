import * as tf from "@tensorflow/tfjs-core";
import { run } from "./_differentiable.ts";

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
