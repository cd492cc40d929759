/**
 * Operations that change the shape of a tensor, or where its elements are.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs-core";
import { countElements } from "../types/_shape.ts";
import type { DataType, Tensor } from "../types/tensor.ts";
import { broadcast } from "./_base/broadcast.ts";
import { run, withGradient, withoutGradient } from "./_base/differentiable.ts";
import {
  computeBroadcastShape,
  describeShape,
  makeConstant,
  open,
  openFloats,
  refuse,
  resolveAxes,
} from "./_base/operands.ts";
import { fromTfjs } from "./_base/tfjs.ts";

export type { DataOf, DataType, Tensor } from "../types/tensor.ts";

/**
 * Gives the elements another shape, in the same row-major order.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * const y = ops.reshape(x, [-1]);
 * assertEquals(y.shape, [4]);
 * assertEquals([...await y.data()], [1, 2, 3, 4]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param shape The length of each dimension; one of them may be -1, for what is left.
 * @returns The tensor of the new shape, without a copy.
 * @throws {RangeError} If there are more or fewer elements.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function reshape<D extends DataType>(x: Tensor<D>, shape: readonly number[]): Tensor<D> {
  const input = open("reshape", x);
  const known = countElements(shape.filter((length) => length !== -1));
  const full = shape.map((length) => length === -1 ? input.size / known : length);
  if (
    shape.filter((length) => length === -1).length > 1 ||
    !full.every((length) => Number.isInteger(length) && length >= 0) ||
    countElements(full) !== input.size
  ) {
    refuse(
      "reshape",
      [input.shape],
      `its ${input.size} elements don't fill ${describeShape(shape)}`,
    );
  }
  return fromTfjs<D>(run("Reshape", { x: input }, { shape: full }));
}

/**
 * Permutes the dimensions.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * assertEquals([...await ops.transpose(x).data()], [1, 3, 2, 4]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param order For each dimension of the result which one of `x` it is; reversed by default.
 * @returns The tensor with its dimensions permuted.
 * @throws {RangeError} If the order is no permutation of the dimensions.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function transpose<D extends DataType>(x: Tensor<D>, order?: readonly number[]): Tensor<D> {
  const input = open("transpose", x);
  const perm = [...order ?? input.shape.map((_, d) => d).reverse()];
  const isPermutation = perm.length === input.shape.length &&
    input.shape.every((_, d) => perm.includes(d));
  if (!isPermutation) {
    refuse("transpose", [input.shape], `the order ${perm} is no permutation of its dimensions`);
  }
  const shape = perm.map((d) => input.shape[d]!);
  // Where only dimensions of length 1 change places, the numbers stay where they are.
  const moved = perm.filter((d) => input.shape[d] !== 1);
  const stays = input.size === 0 || moved.every((d, i) => i === 0 || moved[i - 1]! < d);
  return fromTfjs<D>(
    stays ? run("Reshape", { x: input }, { shape }) : run("Transpose", { x: input }, { perm }),
  );
}

/**
 * Inserts a dimension of length 1.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2), [2]);
 * assertEquals(ops.expandDims(x, -1).shape, [2, 1]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param axis The place of the new dimension, from 0, or from the end as -1.
 * @returns The tensor of one more dimension.
 * @throws {RangeError} If there is no such place.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function expandDims<D extends DataType>(x: Tensor<D>, axis: number): Tensor<D> {
  const input = open("expandDims", x);
  const rank = input.shape.length;
  if (!Number.isInteger(axis) || axis < -rank - 1 || axis > rank) {
    refuse("expandDims", [input.shape], `there is no place ${axis} among ${rank + 1}`);
  }
  const shape = input.shape.toSpliced(axis < 0 ? axis + rank + 1 : axis, 0, 1);
  return fromTfjs<D>(run("Reshape", { x: input }, { shape }));
}

/**
 * Removes dimensions of length 1.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2), [1, 2, 1]);
 * assertEquals(ops.squeeze(x).shape, [2]);
 * assertEquals(ops.squeeze(x, 0).shape, [2, 1]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param axis The dimensions; all those of length 1 by default.
 * @returns The tensor without them.
 * @throws {RangeError} If such a dimension is missing or longer.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function squeeze<D extends DataType>(
  x: Tensor<D>,
  axis?: number | readonly number[],
): Tensor<D> {
  const input = open("squeeze", x);
  const axes = resolveAxes("squeeze", input.shape, axis)
    .filter((d) => axis !== undefined || input.shape[d] === 1);
  const wide = axes.find((d) => input.shape[d] !== 1);
  if (wide !== undefined) {
    refuse("squeeze", [input.shape], `dimension ${wide} has length ${input.shape[wide]}, not 1`);
  }
  const shape = input.shape.filter((_, d) => !axes.includes(d));
  return fromTfjs<D>(run("Reshape", { x: input }, { shape }));
}

/**
 * Repeats a tensor along the dimensions in which it has length 1, or which it lacks in front.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2), [2]);
 * assertEquals([...await ops.broadcastTo(x, [2, 2]).data()], [1, 2, 1, 2]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param shape The shape of the result.
 * @returns The tensor of that shape.
 * @throws {RangeError} If the tensor can't be broadcast to that shape.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function broadcastTo<D extends DataType>(x: Tensor<D>, shape: readonly number[]): Tensor<D> {
  const input = open("broadcastTo", x);
  const full = computeBroadcastShape("broadcastTo", input.shape, shape);
  if (full.length !== shape.length || full.some((length, d) => length !== shape[d])) {
    refuse("broadcastTo", [input.shape], `it can't become ${describeShape(shape)}`);
  }
  if (full.includes(0)) return fromTfjs<D>(makeConstant({ input }, full, 0, x.dtype));
  const y = broadcast(input, full);
  return fromTfjs<D>(y === input ? run("Identity", { x: input }) : y);
}

/**
 * Repeats a tensor as a whole along its dimensions.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2), [2]);
 * assertEquals([...await ops.tile(x, [2]).data()], [1, 2, 1, 2]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param repeats How often it comes along each dimension.
 * @returns The repeated tensor.
 * @throws {RangeError} If there is no such count for each dimension.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function tile<D extends DataType>(x: Tensor<D>, repeats: readonly number[]): Tensor<D> {
  const input = open("tile", x);
  if (
    repeats.length !== input.shape.length || !repeats.every((n) => Number.isInteger(n) && n >= 0)
  ) {
    refuse("tile", [input.shape], `it takes a count for each dimension, not ${repeats}`);
  }
  const own = input.shape;
  const shape = own.map((length, d) => length * repeats[d]!);
  if (shape.includes(0)) return fromTfjs<D>(makeConstant({ input }, shape, 0, x.dtype));
  return fromTfjs<D>(withGradient(
    { input },
    () => run("Tile", { x: input }, { reps: [...repeats] }),
    (dy) => ({
      // The repetitions of each dimension become one of their own, which is summed over.
      input: () =>
        repeats.reduce((sum, count, d) => {
          if (count === 1) return sum;
          const [before, after] = [sum.shape.slice(0, d), sum.shape.slice(d + 1)];
          const apart = [countElements(before), count, own[d]! * countElements(after)];
          return tf.reshape(tf.sum(tf.reshape(sum, apart), 1), [...before, own[d]!, ...after]);
        }, dy),
    }),
  ));
}

/**
 * Reverses the order along axes.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * assertEquals([...await ops.flip(x, 1).data()], [2, 1, 4, 3]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param axis The axis or the axes.
 * @returns The tensor in the other order.
 * @throws {RangeError} If an axis is not one of the dimensions.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function flip<D extends DataType>(
  x: Tensor<D>,
  axis: number | readonly number[],
): Tensor<D> {
  const input = open("flip", x);
  const axes = resolveAxes("flip", input.shape, axis);
  const stays = input.size === 0 || axes.length === 0;
  return fromTfjs<D>(
    stays ? run("Identity", { x: input }) : run("Reverse", { x: input }, { dims: [...axes] }),
  );
}

/**
 * Surrounds a tensor with a number.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2), [2]);
 * assertEquals([...await ops.pad(x, [[1, 2]]).data()], [0, 1, 2, 0, 0]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param padding For each dimension how many come before and how many after.
 * @param value The number; 0 by default.
 * @returns The larger tensor.
 * @throws {RangeError} If there is no such pair for each dimension.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function pad(
  x: Tensor,
  padding: readonly (readonly [before: number, after: number])[],
  value = 0,
): Tensor {
  const input = openFloats("pad", x);
  const fits = padding.length === input.shape.length &&
    padding.every((pair) => pair.length === 2 && pair.every((n) => Number.isInteger(n) && n >= 0));
  if (!fits) {
    refuse("pad", [input.shape], "it takes for each dimension how many come before and after");
  }
  const shape = input.shape.map((length, d) => padding[d]![0] + length + padding[d]![1]);
  if (input.size === 0) return fromTfjs(makeConstant({ input }, shape, value));
  if (shape.length === 0) return fromTfjs(run("Identity", { x: input }));
  const paddings = padding.map(([before, after]) => [before, after]);
  const padWith = (x: tf.Tensor, constantValue: number): tf.Tensor =>
    run("PadV2", { x }, { paddings, constantValue });
  if (!Number.isNaN(value)) return fromTfjs(padWith(input, value));
  // The WASM kernel finds its programs by the number, and takes NaN for the one it has had, then and later.
  return fromTfjs(tf.tidy(() => {
    const mask = withoutGradient(() => tf.cast(padWith(tf.zerosLike(input), 1), "bool"));
    return tf.where(mask, value, padWith(input, 0));
  }));
}
