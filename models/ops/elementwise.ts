/**
 * Functions of each element: signs, roots, rounding.
 *
 * @module
 */

import type { Tensor } from "../types/tensor.ts";
import { runStep, runUnary } from "./_base/elementwise.ts";

export type { DataOf, DataType, Tensor } from "../types/tensor.ts";

/**
 * Changes the sign.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(-1, 2), [2]);
 * assertEquals([...await ops.negate(x).data()], [1, -2]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns `-x`.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function negate(x: Tensor): Tensor {
  return runUnary("negate", "Neg", x);
}

/**
 * Takes the absolute value. Its gradient at 0 is 0.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(-1, 2), [2]);
 * assertEquals([...await ops.absolute(x).data()], [1, 2]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns `|x|`.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function absolute(x: Tensor): Tensor {
  return runUnary("absolute", "Abs", x);
}

/**
 * Squares.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(-1, 2), [2]);
 * assertEquals([...await ops.square(x).data()], [1, 4]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns `x²`.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function square(x: Tensor): Tensor {
  return runUnary("square", "Square", x);
}

/**
 * Takes the square root.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(4, 9), [2]);
 * assertEquals([...await ops.sqrt(x).data()], [2, 3]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns `√x`, NaN below 0.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function sqrt(x: Tensor): Tensor {
  return runUnary("sqrt", "Sqrt", x);
}

/**
 * Takes the reciprocal of the square root.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(4, 16), [2]);
 * assertEquals([...await ops.rsqrt(x).data()], [0.5, 0.25]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns `1 / √x`.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function rsqrt(x: Tensor): Tensor {
  return runUnary("rsqrt", "Rsqrt", x);
}

/**
 * Takes the reciprocal.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(4, -2), [2]);
 * assertEquals([...await ops.reciprocal(x).data()], [0.25, -0.5]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns `1 / x`.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function reciprocal(x: Tensor): Tensor {
  return runUnary("reciprocal", "Reciprocal", x);
}

/**
 * Takes the sign: -1, 0 or 1. Its gradient is 0.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(-3, 0, 2), [3]);
 * assertEquals([...await ops.sign(x).data()], [-1, 0, 1]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns The signs.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function sign(x: Tensor): Tensor {
  return runStep("sign", "Sign", x);
}

/**
 * Rounds down. Its gradient is 0.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(-1.5, 1.5), [2]);
 * assertEquals([...await ops.floor(x).data()], [-2, 1]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns The largest integers that are not above `x`.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function floor(x: Tensor): Tensor {
  return runStep("floor", "Floor", x);
}

/**
 * Rounds up. Its gradient is 0.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(-1.5, 1.5), [2]);
 * assertEquals([...await ops.ceil(x).data()], [-1, 2]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns The smallest integers that are not below `x`.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function ceil(x: Tensor): Tensor {
  return runStep("ceil", "Ceil", x);
}

/**
 * Rounds to the nearest integer, halves to the even one. Its gradient is 0.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(0.5, 1.5, 2.6), [3]);
 * assertEquals([...await ops.round(x).data()], [0, 2, 3]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns The integers.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function round(x: Tensor): Tensor {
  return runStep("round", "Round", x);
}

/**
 * Limits numbers to a range. The gradient passes from `low` to `high`, both included.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(-2, 0.5, 3), [3]);
 * assertEquals([...await ops.clip(x, -1, 1).data()], [-1, 0.5, 1]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @param low The smallest number of the result.
 * @param high The largest number of the result.
 * @returns `min(max(x, low), high)`, and NaN where `x` is NaN.
 * @throws {RangeError} If `low` is above `high`, or either is NaN.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function clip(x: Tensor, low: number, high: number): Tensor {
  if (!(low <= high)) {
    throw new RangeError(
      `Cannot apply clip with limits ${low} and ${high}: the first must not be above the second`,
    );
  }
  return runUnary("clip", "ClipByValue", x, { clipValueMin: low, clipValueMax: high });
}
