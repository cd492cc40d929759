/**
 * Tensors from numbers.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs-core";
import { countElements } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import { checkOpen, checkShape, describeShape } from "./_base/operands.ts";
import { createTensor } from "./_base/tensors.ts";
import { fromTfjs } from "./_base/tfjs.ts";

export { BackendError, type BackendErrorOptions } from "../backend/backend_error.ts";
export type { DataOf, DataType, Tensor } from "../types/tensor.ts";

/**
 * Copies numbers to the backend.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 *
 * const backend = await openBackend("wasm");
 * const tensor = toTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * assertEquals([...await tensor.data()], [1, 2, 3, 4]);
 * tensor.dispose();
 * await backend.close();
 * ```
 *
 * @param data The elements in row-major order.
 * @param shape The length of each dimension.
 * @returns A tensor in single precision, owned by the caller.
 * @throws {RangeError} If the shape doesn't hold as many elements as there are.
 * @throws {BackendError} If no backend is open.
 */
export function toTensor(data: Float32Array, shape: readonly number[]): Tensor;
/**
 * Copies integers, such as labels, to the backend.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 *
 * const backend = await openBackend("wasm");
 * const labels = toTensor(Int32Array.of(3, 0), [2]);
 * assertEquals(labels.dtype, "int32");
 * await backend.close();
 * ```
 *
 * @param data The elements in row-major order.
 * @param shape The length of each dimension.
 * @returns A tensor of integers, owned by the caller.
 * @throws {RangeError} If the shape doesn't hold as many elements as there are.
 * @throws {BackendError} If no backend is open.
 */
export function toTensor(data: Int32Array, shape: readonly number[]): Tensor<"int32">;
/**
 * Copies conditions to the backend.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 *
 * const backend = await openBackend("wasm");
 * const mask = toTensor(Uint8Array.of(1, 0), [2]);
 * assertEquals(mask.dtype, "bool");
 * await backend.close();
 * ```
 *
 * @param data The elements in row-major order, each 0 or 1.
 * @param shape The length of each dimension.
 * @returns A tensor of conditions, owned by the caller.
 * @throws {RangeError} If the shape doesn't hold as many elements as there are, or one is neither 0 nor 1.
 * @throws {BackendError} If no backend is open.
 */
export function toTensor(data: Uint8Array, shape: readonly number[]): Tensor<"bool">;
export function toTensor(
  data: Float32Array | Int32Array | Uint8Array,
  shape: readonly number[],
): Tensor | Tensor<"int32"> | Tensor<"bool"> {
  checkShape(shape);
  if (countElements(shape) !== data.length) {
    throw new RangeError(
      `Cannot make a tensor of ${describeShape(shape)} from ${data.length} elements`,
    );
  }
  // A backend may copy the numbers only when they are first used.
  if (data instanceof Float32Array) return createTensor(data.slice(), shape);
  checkOpen("make a tensor");
  if (data instanceof Int32Array) {
    return fromTfjs<"int32">(tf.tensor(data.slice(), [...shape], "int32"));
  }
  const at = data.findIndex((byte) => byte > 1);
  if (at >= 0) {
    throw new RangeError(
      `Cannot make a tensor of conditions with ${data[at]} at ${at}: each is 0 or 1`,
    );
  }
  return fromTfjs<"bool">(tf.tensor(data.slice(), [...shape], "bool"));
}
