/**
 * Arithmetic on two tensors, whose shapes are broadcast, or on a tensor and a number.
 *
 * @module
 */

import type { Tensor } from "../types/tensor.ts";
import { runBinary, runUnary } from "./_base/elementwise.ts";

export type { DataOf, DataType, Tensor } from "../types/tensor.ts";

/**
 * Adds.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const a = toTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * const b = toTensor(Float32Array.of(10, 20), [2]);
 * assertEquals([...await ops.add(a, b).data()], [11, 22, 13, 24]);
 * await backend.close();
 * ```
 *
 * @param a A tensor or a number.
 * @param b A tensor or a number; the shapes of both are broadcast to one, as in NumPy.
 * @returns `a + b`.
 * @throws {RangeError} If the shapes can't be broadcast to one.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function add(a: Tensor | number, b: Tensor | number): Tensor {
  return runBinary("add", "Add", a, b);
}

/**
 * Subtracts.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const a = toTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * const b = toTensor(Float32Array.of(10, 20), [2]);
 * assertEquals([...await ops.subtract(b, a).data()], [9, 18, 7, 16]);
 * await backend.close();
 * ```
 *
 * @param a A tensor or a number.
 * @param b A tensor or a number; the shapes of both are broadcast to one, as in NumPy.
 * @returns `a - b`.
 * @throws {RangeError} If the shapes can't be broadcast to one.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function subtract(a: Tensor | number, b: Tensor | number): Tensor {
  return runBinary("subtract", "Sub", a, b);
}

/**
 * Multiplies element by element; `matMul` multiplies matrices.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const a = toTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * const b = toTensor(Float32Array.of(10, 20), [2]);
 * assertEquals([...await ops.multiply(a, b).data()], [10, 40, 30, 80]);
 * assertEquals([...await ops.multiply(b, 0.5).data()], [5, 10]);
 * await backend.close();
 * ```
 *
 * @param a A tensor or a number.
 * @param b A tensor or a number; the shapes of both are broadcast to one, as in NumPy.
 * @returns `a * b`.
 * @throws {RangeError} If the shapes can't be broadcast to one.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function multiply(a: Tensor | number, b: Tensor | number): Tensor {
  return runBinary("multiply", "Multiply", a, b);
}

/**
 * Divides.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const a = toTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * const b = toTensor(Float32Array.of(10, 20), [2]);
 * assertEquals([...await ops.divide(b, a).data()], [10, 10, 10 / 3, 5].map(Math.fround));
 * await backend.close();
 * ```
 *
 * @param a A tensor or a number.
 * @param b A tensor or a number; the shapes of both are broadcast to one, as in NumPy.
 * @returns `a / b`.
 * @throws {RangeError} If the shapes can't be broadcast to one.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function divide(a: Tensor | number, b: Tensor | number): Tensor {
  return runBinary("divide", "RealDiv", a, b);
}

/**
 * Takes the larger of two numbers; NaN where one of them is NaN.
 *
 * Where both are equal each gets half of the gradient, as in PyTorch.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const a = toTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * const b = toTensor(Float32Array.of(2, 3), [2]);
 * assertEquals([...await ops.maximum(a, b).data()], [2, 3, 3, 4]);
 * await backend.close();
 * ```
 *
 * @param a A tensor or a number.
 * @param b A tensor or a number; the shapes of both are broadcast to one, as in NumPy.
 * @returns The larger ones.
 * @throws {RangeError} If the shapes can't be broadcast to one.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function maximum(a: Tensor | number, b: Tensor | number): Tensor {
  return runBinary("maximum", "Maximum", a, b);
}

/**
 * Takes the smaller of two numbers; NaN where one of them is NaN.
 *
 * Where both are equal each gets half of the gradient, as in PyTorch.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const a = toTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * const b = toTensor(Float32Array.of(2, 3), [2]);
 * assertEquals([...await ops.minimum(a, b).data()], [1, 2, 2, 3]);
 * await backend.close();
 * ```
 *
 * @param a A tensor or a number.
 * @param b A tensor or a number; the shapes of both are broadcast to one, as in NumPy.
 * @returns The smaller ones.
 * @throws {RangeError} If the shapes can't be broadcast to one.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function minimum(a: Tensor | number, b: Tensor | number): Tensor {
  return runBinary("minimum", "Minimum", a, b);
}

/**
 * Raises to a power.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2, 3), [3]);
 * assertEquals([...await ops.power(x, 3).data()], [1, 8, 27]);
 * assertEquals([...await ops.power(2, x).data()], [2, 4, 8]);
 * await backend.close();
 * ```
 *
 * @param base A tensor or a number.
 * @param exponent A tensor or a number; the shapes of both are broadcast to one.
 * @returns The base to the power of the exponent: NaN where a negative number is raised to a fraction.
 * @throws {RangeError} If the shapes can't be broadcast to one.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function power(base: Tensor | number, exponent: Tensor | number): Tensor {
  return exponent === 2 && typeof base !== "number"
    ? runUnary("power", "Square", base)
    : runBinary("power", "Pow", base, exponent);
}
