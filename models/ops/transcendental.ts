/**
 * Exponentials, logarithms, trigonometric functions and the error function of each element.
 *
 * @module
 */

import type { Tensor } from "../types/tensor.ts";
import { runUnary } from "./_base/elementwise.ts";

export type { DataOf, DataType, Tensor } from "../types/tensor.ts";

/**
 * Computes the exponential function.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(0, 1), [2]);
 * const [, y] = await ops.exp(x).data();
 * assertAlmostEquals(y!, Math.E, 1e-6);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns `e^x`.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function exp(x: Tensor): Tensor {
  return runUnary("exp", "Exp", x);
}

/**
 * Computes `e^x - 1`, precisely near 0 on WASM.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1e-3), [1]);
 * const [y] = await ops.expm1(x).data();
 * assertAlmostEquals(y!, Math.expm1(1e-3), 1e-6);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns `e^x - 1`.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function expm1(x: Tensor): Tensor {
  return runUnary("expm1", "Expm1", x);
}

/**
 * Takes the natural logarithm.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(Math.E, 1), [2]);
 * const [y] = await ops.log(x).data();
 * assertAlmostEquals(y!, 1, 1e-6);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns `ln(x)`: -Infinity at 0, NaN below.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function log(x: Tensor): Tensor {
  return runUnary("log", "Log", x);
}

/**
 * Computes `ln(1 + x)`, precisely near 0 on WASM.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1e-3), [1]);
 * const [y] = await ops.log1p(x).data();
 * assertAlmostEquals(y!, Math.log1p(1e-3), 1e-6);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns `ln(1 + x)`.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function log1p(x: Tensor): Tensor {
  return runUnary("log1p", "Log1p", x);
}

/**
 * Computes the sine of an angle in radians.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(Math.PI / 6), [1]);
 * const [y] = await ops.sin(x).data();
 * assertAlmostEquals(y!, 0.5, 1e-6);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns `sin(x)`.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function sin(x: Tensor): Tensor {
  return runUnary("sin", "Sin", x);
}

/**
 * Computes the cosine of an angle in radians.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(Math.PI / 3), [1]);
 * const [y] = await ops.cos(x).data();
 * assertAlmostEquals(y!, 0.5, 1e-6);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns `cos(x)`.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function cos(x: Tensor): Tensor {
  return runUnary("cos", "Cos", x);
}

/**
 * Computes the error function, `2/√π · ∫ exp(-t²) dt` from 0 to `x`.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1), [1]);
 * const [y] = await ops.erf(x).data();
 * assertAlmostEquals(y!, 0.8427008, 1e-6);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns `erf(x)`, from -1 to 1.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function erf(x: Tensor): Tensor {
  return runUnary("erf", "Erf", x);
}
