/**
 * Tensors of one number, and of another type of elements.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs-core";
import type { DataType, Tensor } from "../types/tensor.ts";
import { toFloats } from "./_base/casts.ts";
import { run, withoutGradient } from "./_base/differentiable.ts";
import { checkOpen, checkShape, open } from "./_base/operands.ts";
import { fromTfjs } from "./_base/tfjs.ts";

export type { DataOf, DataType, Tensor } from "../types/tensor.ts";

/**
 * Makes a tensor of zeros.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * assertEquals([...await ops.zeros([2]).data()], [0, 0]);
 * await backend.close();
 * ```
 *
 * @param shape The length of each dimension.
 * @returns The tensor, owned by the caller.
 * @throws {RangeError} If a length is not an integer from 0.
 * @throws {BackendError} If no backend is open.
 */
export function zeros(shape: readonly number[]): Tensor {
  return full(shape, 0);
}

/**
 * Makes a tensor of ones.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * assertEquals([...await ops.ones([2]).data()], [1, 1]);
 * await backend.close();
 * ```
 *
 * @param shape The length of each dimension.
 * @returns The tensor, owned by the caller.
 * @throws {RangeError} If a length is not an integer from 0.
 * @throws {BackendError} If no backend is open.
 */
export function ones(shape: readonly number[]): Tensor {
  return full(shape, 1);
}

/**
 * Makes a tensor of one number.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * assertEquals([...await ops.full([2], 0.5).data()], [0.5, 0.5]);
 * await backend.close();
 * ```
 *
 * @param shape The length of each dimension.
 * @param value The number.
 * @returns The tensor, owned by the caller.
 * @throws {RangeError} If a length is not an integer from 0.
 * @throws {BackendError} If no backend is open.
 */
export function full(shape: readonly number[], value: number): Tensor {
  checkShape(shape);
  checkOpen("make a tensor");
  return fromTfjs(withoutGradient(() => tf.fill([...shape], value, "float32")));
}

/**
 * Makes zeros of the shape of a tensor.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2), [2]);
 * assertEquals([...await ops.zerosLike(x).data()], [0, 0]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any type.
 * @returns The zeros, in single precision.
 * @throws {TypeError} If the tensor was disposed, or is one of another backend.
 */
export function zerosLike(x: Tensor<DataType>): Tensor {
  return full(open("zerosLike", x).shape, 0);
}

/**
 * Makes ones of the shape of a tensor.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(5, 2), [2]);
 * assertEquals([...await ops.onesLike(x).data()], [1, 1]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any type.
 * @returns The ones, in single precision.
 * @throws {TypeError} If the tensor was disposed, or is one of another backend.
 */
export function onesLike(x: Tensor<DataType>): Tensor {
  return full(open("onesLike", x).shape, 1);
}

/**
 * Converts the elements of a tensor to another type. A gradient passes where they are and stay in single precision.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(-1.5, 0, 2), [3]);
 * assertEquals([...await ops.cast(x, "int32").data()], [-1, 0, 2]);
 * assertEquals([...await ops.cast(x, "bool").data()], [1, 0, 1]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param dtype The type: float32; int32, which cuts fractions off; or bool, 1 for what is not 0.
 * @returns The converted tensor.
 * @throws {TypeError} If there is no such type, or the tensor was disposed or is one of another backend.
 */
export function cast<D extends DataType>(x: Tensor<DataType>, dtype: D): Tensor<D> {
  const input = open("cast", x);
  if (input.dtype === dtype) return fromTfjs<D>(run("Identity", { x: input }));
  if (!["float32", "int32", "bool"].includes(dtype)) {
    throw new TypeError(`Cannot cast a tensor to ${dtype}: it takes float32, int32 or bool`);
  }
  return fromTfjs<D>(withoutGradient(() => {
    if (input.size === 0) return tf.zeros(input.shape, dtype);
    if (dtype === "bool") return tf.notEqual(input, tf.zeros([], input.dtype));
    return dtype === "float32" ? toFloats(input) : tf.cast(input, dtype);
  }));
}
