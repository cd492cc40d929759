/**
 * Comparisons. No gradient passes through them.
 *
 * @module
 */

import type { Tensor } from "../types/tensor.ts";
import { runComparison, runStep } from "./_base/elementwise.ts";

export type { DataOf, DataType, Tensor } from "../types/tensor.ts";

const NUMBERS = ["float32", "int32"] as const;

/**
 * Tells where numbers are equal.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const a = toTensor(Float32Array.of(1, 2, 3), [3]);
 * assertEquals([...await ops.equal(a, 2).data()], [0, 1, 0]);
 * await backend.close();
 * ```
 *
 * @param a A tensor or a number.
 * @param b A tensor of the same type, or a number; the shapes of both are broadcast to one.
 * @returns 1 where `a = b`, else 0. NaN equals nothing.
 * @throws {RangeError} If the shapes can't be broadcast to one.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function equal<D extends "float32" | "int32">(
  a: Tensor<D> | number,
  b: Tensor<D> | number,
): Tensor<"bool"> {
  return runComparison("equal", "Equal", a, b, NUMBERS);
}

/**
 * Tells where numbers differ.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const a = toTensor(Float32Array.of(1, 2, 3), [3]);
 * assertEquals([...await ops.notEqual(a, 2).data()], [1, 0, 1]);
 * await backend.close();
 * ```
 *
 * @param a A tensor or a number.
 * @param b A tensor of the same type, or a number; the shapes of both are broadcast to one.
 * @returns 1 where `a ≠ b`, else 0.
 * @throws {RangeError} If the shapes can't be broadcast to one.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function notEqual<D extends "float32" | "int32">(
  a: Tensor<D> | number,
  b: Tensor<D> | number,
): Tensor<"bool"> {
  return runComparison("notEqual", "NotEqual", a, b, NUMBERS);
}

/**
 * Tells where numbers are less than others.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const a = toTensor(Float32Array.of(1, 2, 3), [3]);
 * assertEquals([...await ops.less(a, 2).data()], [1, 0, 0]);
 * await backend.close();
 * ```
 *
 * @param a A tensor or a number.
 * @param b A tensor of the same type, or a number; the shapes of both are broadcast to one.
 * @returns 1 where `a < b`, else 0.
 * @throws {RangeError} If the shapes can't be broadcast to one.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function less<D extends "float32" | "int32">(
  a: Tensor<D> | number,
  b: Tensor<D> | number,
): Tensor<"bool"> {
  return runComparison("less", "Less", a, b, NUMBERS);
}

/**
 * Tells where numbers are at most others.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const a = toTensor(Float32Array.of(1, 2, 3), [3]);
 * assertEquals([...await ops.lessEqual(a, 2).data()], [1, 1, 0]);
 * await backend.close();
 * ```
 *
 * @param a A tensor or a number.
 * @param b A tensor of the same type, or a number; the shapes of both are broadcast to one.
 * @returns 1 where `a ≤ b`, else 0.
 * @throws {RangeError} If the shapes can't be broadcast to one.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function lessEqual<D extends "float32" | "int32">(
  a: Tensor<D> | number,
  b: Tensor<D> | number,
): Tensor<"bool"> {
  return runComparison("lessEqual", "LessEqual", a, b, NUMBERS);
}

/**
 * Tells where numbers are greater than others.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const a = toTensor(Float32Array.of(1, 2, 3), [3]);
 * assertEquals([...await ops.greater(a, 2).data()], [0, 0, 1]);
 * await backend.close();
 * ```
 *
 * @param a A tensor or a number.
 * @param b A tensor of the same type, or a number; the shapes of both are broadcast to one.
 * @returns 1 where `a > b`, else 0.
 * @throws {RangeError} If the shapes can't be broadcast to one.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function greater<D extends "float32" | "int32">(
  a: Tensor<D> | number,
  b: Tensor<D> | number,
): Tensor<"bool"> {
  return runComparison("greater", "Greater", a, b, NUMBERS);
}

/**
 * Tells where numbers are at least others.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const a = toTensor(Float32Array.of(1, 2, 3), [3]);
 * assertEquals([...await ops.greaterEqual(a, 2).data()], [0, 1, 1]);
 * await backend.close();
 * ```
 *
 * @param a A tensor or a number.
 * @param b A tensor of the same type, or a number; the shapes of both are broadcast to one.
 * @returns 1 where `a ≥ b`, else 0.
 * @throws {RangeError} If the shapes can't be broadcast to one.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function greaterEqual<D extends "float32" | "int32">(
  a: Tensor<D> | number,
  b: Tensor<D> | number,
): Tensor<"bool"> {
  return runComparison("greaterEqual", "GreaterEqual", a, b, NUMBERS);
}

/**
 * Tells where a number is NaN.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, NaN), [2]);
 * assertEquals([...await ops.isNaN(x).data()], [0, 1]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns 1 where `x` is NaN, else 0.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function isNaN(x: Tensor): Tensor<"bool"> {
  return runStep<"bool">("isNaN", "IsNan", x);
}

/**
 * Tells where a number is neither infinite nor NaN.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, NaN, -Infinity), [3]);
 * assertEquals([...await ops.isFinite(x).data()], [1, 0, 0]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns 1 where `x` is finite, else 0.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function isFinite(x: Tensor): Tensor<"bool"> {
  return runStep<"bool">("isFinite", "IsFinite", x);
}
