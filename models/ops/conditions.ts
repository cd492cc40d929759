/**
 * Conditions, which comparisons give: their combinations, and the choice that they make between tensors.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../types/tensor.ts";
import { broadcast } from "./_base/broadcast.ts";
import { run, withoutGradient } from "./_base/differentiable.ts";
import { runComparison, withOperands } from "./_base/elementwise.ts";
import { computeBroadcastShape, makeConstant, open } from "./_base/operands.ts";
import { fromTfjs } from "./_base/tfjs.ts";

export type { DataOf, DataType, Tensor } from "../types/tensor.ts";

/**
 * Tells where both conditions hold.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2, 3), [3]);
 * const both = ops.logicalAnd(ops.greater(x, 1), ops.less(x, 3));
 * assertEquals([...await both.data()], [0, 1, 0]);
 * await backend.close();
 * ```
 *
 * @param a A tensor of the results of comparisons.
 * @param b Another; the shapes of both are broadcast to one.
 * @returns 1 where both are 1, else 0.
 * @throws {RangeError} If the shapes can't be broadcast to one.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function logicalAnd(a: Tensor<"bool">, b: Tensor<"bool">): Tensor<"bool"> {
  return runComparison("logicalAnd", "LogicalAnd", a, b, ["bool"]);
}

/**
 * Tells where at least one of two conditions holds.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2, 3), [3]);
 * const both = ops.logicalOr(ops.greater(x, 1), ops.less(x, 3));
 * assertEquals([...await both.data()], [1, 1, 1]);
 * await backend.close();
 * ```
 *
 * @param a A tensor of the results of comparisons.
 * @param b Another; the shapes of both are broadcast to one.
 * @returns 1 where one is 1, else 0.
 * @throws {RangeError} If the shapes can't be broadcast to one.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function logicalOr(a: Tensor<"bool">, b: Tensor<"bool">): Tensor<"bool"> {
  return runComparison("logicalOr", "LogicalOr", a, b, ["bool"]);
}

/**
 * Tells where a condition does not hold.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2, 3), [3]);
 * assertEquals([...await ops.logicalNot(ops.less(x, 2)).data()], [0, 1, 1]);
 * await backend.close();
 * ```
 *
 * @param x A tensor of the results of a comparison.
 * @returns 0 where it is 1, else 1.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function logicalNot(x: Tensor<"bool">): Tensor<"bool"> {
  return fromTfjs(withoutGradient(() => {
    const input = open("logicalNot", x, "bool");
    return input.size === 0 ? tf.zeros(input.shape, "bool") : run("LogicalNot", { x: input });
  }));
}

/**
 * Chooses between the numbers of two tensors. A gradient goes to the chosen ones alone, whatever the others are.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(-1, 2), [2]);
 * assertEquals([...await ops.where(ops.greater(x, 0), x, 0).data()], [0, 2]);
 * await backend.close();
 * ```
 *
 * @param condition A tensor of the results of a comparison.
 * @param a A tensor or a number.
 * @param b A tensor or a number; the shapes of all three are broadcast to one.
 * @returns The numbers of `a` where the condition is 1, those of `b` where it is 0.
 * @throws {RangeError} If the shapes can't be broadcast to one.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function where(
  condition: Tensor<"bool">,
  a: Tensor | number,
  b: Tensor | number,
): Tensor {
  const chooses = open("where", condition, "bool");
  return fromTfjs(withOperands("where", a, b, ["float32"], (a, b) => {
    const shape = computeBroadcastShape(
      "where",
      chooses.shape,
      computeBroadcastShape("where", a.shape, b.shape),
    );
    if (shape.includes(0)) return makeConstant({ a, b }, shape);
    const made: tf.Tensor[] = [];
    const give = (x: tf.Tensor) => {
      const given = broadcast(x, shape);
      if (given !== x) made.push(given);
      return given;
    };
    const y = run("Select", { condition: give(chooses), t: give(a), e: give(b) });
    for (const tensor of made) tensor.dispose();
    return y;
  }));
}
