/**
 * The places of the largest and of the smallest numbers.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../types/tensor.ts";
import { run, withoutGradient } from "./_base/differentiable.ts";
import { openFloats, refuse, resolveAxis } from "./_base/operands.ts";
import { fromTfjs } from "./_base/tfjs.ts";

export type { DataOf, DataType, Tensor } from "../types/tensor.ts";

/**
 * Finds the place of the largest number along an axis, of the first where several are. No gradient passes.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 5, 3), [3]);
 * assertEquals([...await ops.argMax(x).data()], [1]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param options The axis, the last one by default, and whether it stays with length 1.
 * @returns The places, counted from 0; that of NaN where there is one.
 * @throws {RangeError} If an axis is not one of the dimensions, or has no length.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function argMax(
  x: Tensor,
  options: { readonly axis?: number; readonly keepDims?: boolean } = {},
): Tensor<"int32"> {
  return findPlace("argMax", "ArgMax", x, options);
}

/**
 * Finds the place of the smallest number along an axis, of the first where several are. No gradient passes.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 5, 3), [3]);
 * assertEquals([...await ops.argMin(x).data()], [0]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param options The axis, the last one by default, and whether it stays with length 1.
 * @returns The places, counted from 0; that of NaN where there is one.
 * @throws {RangeError} If an axis is not one of the dimensions, or has no length.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function argMin(
  x: Tensor,
  options: { readonly axis?: number; readonly keepDims?: boolean } = {},
): Tensor<"int32"> {
  return findPlace("argMin", "ArgMin", x, options);
}

function findPlace(
  operation: string,
  kernel: string,
  x: Tensor,
  { axis = -1, keepDims = false }: { readonly axis?: number; readonly keepDims?: boolean },
): Tensor<"int32"> {
  return fromTfjs<"int32">(withoutGradient(() => {
    const input = openFloats(operation, x);
    const resolved = resolveAxis(operation, input.shape, axis);
    if (input.shape[resolved] === 0) {
      refuse(operation, [input.shape], "it has no numbers to reduce");
    }
    const kept = input.shape.map((length, d) => d === resolved ? 1 : length);
    const shape = keepDims ? kept : input.shape.filter((_, d) => d !== resolved);
    if (input.size === 0) return tf.zeros(shape, "int32");
    return tf.tidy(() => tf.reshape(run(kernel, { x: input }, { axis: resolved }), shape));
  }));
}
