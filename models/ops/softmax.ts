/**
 * The softmax function and its logarithm, along an axis.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../types/tensor.ts";
import { run, withGradient } from "./_base/differentiable.ts";
import { isEmpty, makeConstant, openFloats, resolveAxis } from "./_base/operands.ts";
import { fromTfjs } from "./_base/tfjs.ts";

export type { DataOf, DataType, Tensor } from "../types/tensor.ts";

/**
 * Computes the softmax function along an axis: positive numbers that sum to 1.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(0, 0), [2]);
 * assertEquals([...await ops.softmax(x).data()], [0.5, 0.5]);
 * await backend.close();
 * ```
 *
 * @param x The logits.
 * @param axis The axis; the last one by default.
 * @returns `e^x / Σ e^x`, of the same shape.
 * @throws {RangeError} If an axis is not one of the dimensions.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function softmax(x: Tensor, axis = -1): Tensor {
  const input = openFloats("softmax", x);
  const resolved = resolveAxis("softmax", input.shape, axis);
  if (isEmpty(input)) return fromTfjs(makeConstant({ input }, input.shape));
  return fromTfjs(withGradient(
    { input },
    (save) => {
      const y = computeSoftmax(input, resolved);
      save([y]);
      return y;
    },
    (dy, [y]) => ({
      input: () => {
        const weighted = tf.mul(dy, y!);
        return tf.sub(weighted, tf.mul(y!, tf.sum(weighted, resolved, true)));
      },
    }),
  ));
}

/** The kernel takes the last axis alone. */
function computeSoftmax(x: tf.Tensor, axis: number): tf.Tensor {
  const last = x.shape.length - 1;
  if (axis === last) return run("Softmax", { logits: x }, { dim: last });
  const order = x.shape.map((_, d) => d === axis ? last : d === last ? axis : d);
  const y = run("Softmax", { logits: tf.transpose(x, order) }, { dim: last });
  return tf.transpose(y, order);
}

/**
 * Computes the logarithm of the softmax function along an axis, without the rounding of the two in turn.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(0, 0), [2]);
 * const [y] = await ops.logSoftmax(x).data();
 * assertAlmostEquals(y!, -Math.LN2, 1e-6);
 * await backend.close();
 * ```
 *
 * @param x The logits.
 * @param axis The axis; the last one by default.
 * @returns `x - ln Σ e^x`, of the same shape.
 * @throws {RangeError} If an axis is not one of the dimensions.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  const input = openFloats("logSoftmax", x);
  const resolved = resolveAxis("logSoftmax", input.shape, axis);
  if (isEmpty(input)) return fromTfjs(makeConstant({ input }, input.shape));
  return fromTfjs(withGradient(
    { input },
    (save) => {
      const largest = run("Max", { x: input }, { reductionIndices: [resolved], keepDims: true });
      const shifted = tf.sub(input, largest);
      const y = tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), resolved, true)));
      save([y]);
      return y;
    },
    (dy, [y]) => ({
      input: () => tf.sub(dy, tf.mul(tf.exp(y!), tf.sum(dy, resolved, true))),
    }),
  ));
}
