/**
 * Products of matrices.
 *
 * @module
 */

import type * as tf from "@tensorflow/tfjs-core";
import { countElements } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import { broadcast } from "./_base/broadcast.ts";
import { run } from "./_base/differentiable.ts";
import { multiplyRows } from "./_base/shared_products.ts";
import { computeBroadcastShape, makeConstant, openFloats, refuse } from "./_base/operands.ts";
import { fromTfjs } from "./_base/tfjs.ts";

export type { DataOf, DataType, Tensor } from "../types/tensor.ts";

/** The settings of `matMul`. */
export interface MatMulOptions {
  /** Whether the last two dimensions of the first operand change places; false by default. */
  readonly transposeA?: boolean;
  /** Whether the last two dimensions of the second operand change places; false by default. */
  readonly transposeB?: boolean;
}

/**
 * Multiplies matrices, or stacks of them, whose outer dimensions are broadcast.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const a = toTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * const b = toTensor(Float32Array.of(5, 6), [2, 1]);
 * assertEquals([...await ops.matMul(a, b).data()], [17, 39]);
 * assertEquals([...await ops.matMul(a, b, { transposeA: true }).data()], [23, 34]);
 * await backend.close();
 * ```
 *
 * @param a The left operand, `[..., rows, inner]`.
 * @param b The right operand, `[..., inner, columns]`.
 * @param options Which of them are transposed.
 * @returns The products, `[..., rows, columns]`.
 * @throws {RangeError} If the shapes don't fit each other.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function matMul(a: Tensor, b: Tensor, options: MatMulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false } = options;
  const [left, right] = [openFloats("matMul", a), openFloats("matMul", b)];
  const shapes = [left.shape, right.shape];
  if (left.rank < 2 || right.rank < 2) {
    refuse("matMul", shapes, "it takes matrices, of two dimensions or more");
  }
  const [rows, inner] = transposeA ? left.shape.slice(-2).reverse() : left.shape.slice(-2);
  const [innerB, columns] = transposeB ? right.shape.slice(-2).reverse() : right.shape.slice(-2);
  if (inner !== innerB) {
    refuse("matMul", shapes, `rows of ${inner} can't be multiplied by columns of ${innerB}`);
  }
  const [outerA, outerB] = [left.shape.slice(0, -2), right.shape.slice(0, -2)];
  const outer = computeBroadcastShape("matMul", outerA, outerB);
  const shape = [...outer, rows!, columns!];
  if (shape.includes(0) || inner === 0) return fromTfjs(makeConstant({ left, right }, shape));
  if (outerB.length === 0 && outerA.length > 0 && !transposeA) {
    // One matrix for all: the rows of the others are those of a single one.
    const flat = run("Reshape", { x: left }, { shape: [countElements(outer) * rows!, inner!] });
    const product = transposeB
      ? run("BatchMatMul", { a: flat, b: right }, { transposeA, transposeB })
      : multiplyRows(flat, right);
    return fromTfjs(release(run("Reshape", { x: product }, { shape }), flat, product));
  }
  if (shape.length === 2 && !transposeA && !transposeB) return fromTfjs(multiplyRows(left, right));
  const [full, fullB] = [
    broadcast(left, [...outer, ...left.shape.slice(-2)]),
    broadcast(right, [...outer, ...right.shape.slice(-2)]),
  ];
  const product = run("BatchMatMul", { a: full, b: fullB }, { transposeA, transposeB });
  return fromTfjs(
    release(product, ...[full, fullB].filter((x) => x !== left && x !== right)),
  );
}

/** Releases what a result was made of. */
function release(result: tf.Tensor, ...made: readonly tf.Tensor[]): tf.Tensor {
  for (const tensor of made) tensor.dispose();
  return result;
}
