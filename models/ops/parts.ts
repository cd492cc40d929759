/**
 * Operations that join tensors, take parts of them, and look elements up.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs-core";
import { countElements } from "../types/_shape.ts";
import type { DataType, Tensor } from "../types/tensor.ts";
import { scatterSum, toRows } from "./_base/casts.ts";
import { concatenate } from "./_base/concatenate.ts";
import { run, withGradient, withoutGradient } from "./_base/differentiable.ts";
import { makeConstant, open, refuse, resolveAxis } from "./_base/operands.ts";
import { computeSlice, takeEvery } from "./_base/slices.ts";
import { fromTfjs } from "./_base/tfjs.ts";
import { expandDims } from "./shapes.ts";

export type { DataOf, DataType, Tensor } from "../types/tensor.ts";

/**
 * Joins tensors along an axis.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2), [2]);
 * assertEquals([...await ops.concat([x, x]).data()], [1, 2, 1, 2]);
 * await backend.close();
 * ```
 *
 * @param tensors The tensors, at least one, of one type and of the same lengths but for that axis.
 * @param axis The axis; the first one by default.
 * @returns The joined tensor.
 * @throws {RangeError} If there is no tensor, or their shapes don't fit.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function concat<D extends DataType>(tensors: readonly Tensor<D>[], axis = 0): Tensor<D> {
  const all = tensors.map((x) => open("concat", x));
  const [first] = all;
  if (!first) throw new RangeError("Cannot apply concat to no tensors: it takes at least one");
  const along = resolveAxis("concat", first.shape, axis);
  const isLike = ({ shape, dtype }: tf.Tensor) =>
    dtype === first.dtype && shape.length === first.shape.length &&
    shape.every((length, d) => d === along || length === first.shape[d]);
  if (!all.every(isLike)) {
    const shapes = all.map(({ shape }) => shape);
    refuse("concat", shapes, `they differ in more than the length of dimension ${along}`);
  }
  const full = all.filter(({ size }) => size > 0);
  if (full.length === 0) {
    const length = all.reduce((sum, { shape }) => sum + shape[along]!, 0);
    const shape = first.shape.with(along, length);
    return fromTfjs<D>(
      makeConstant(Object.fromEntries(all.entries()), shape, 0, first.dtype as DataType),
    );
  }
  return fromTfjs<D>(
    full.length === 1 ? run("Identity", { x: full[0]! }) : concatenate(full, along),
  );
}

/**
 * Joins tensors of one shape along a new axis.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2), [2]);
 * assertEquals(ops.stack([x, x, x]).shape, [3, 2]);
 * assertEquals([...await ops.stack([x, x], 1).data()], [1, 1, 2, 2]);
 * await backend.close();
 * ```
 *
 * @param tensors The tensors, at least one, of one type and shape.
 * @param axis The place of the new axis; the first by default.
 * @returns The joined tensor, of one more dimension.
 * @throws {RangeError} If there is no tensor, or their shapes differ.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function stack<D extends DataType>(tensors: readonly Tensor<D>[], axis = 0): Tensor<D> {
  const shapes = tensors.map((x) => open("stack", x).shape);
  const [first] = shapes;
  if (!first) throw new RangeError("Cannot apply stack to no tensors: it takes at least one");
  if (!shapes.every((shape) => `${shape}` === `${first}`)) {
    refuse("stack", shapes, "they differ in shape");
  }
  const expanded = tensors.map((x) => expandDims(x, axis));
  const y = concat(expanded, axis);
  for (const x of expanded) x.dispose();
  return y;
}

/**
 * Takes a tensor apart along an axis.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2, 3), [3]);
 * const [head, tail] = ops.split(x, [1, 2]);
 * assertEquals([...await head!.data()], [1]);
 * assertEquals([...await tail!.data()], [2, 3]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param parts How many parts of equal length, or the length of each.
 * @param axis The axis; the first one by default.
 * @returns The parts.
 * @throws {RangeError} If the axis can't be divided so.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function split<D extends DataType>(
  x: Tensor<D>,
  parts: number | readonly number[],
  axis = 0,
): Tensor<D>[] {
  const input = open("split", x);
  const along = resolveAxis("split", input.shape, axis);
  const length = input.shape[along]!;
  const sizes = typeof parts === "number" ? new Array<number>(parts).fill(length / parts) : parts;
  if (
    !sizes.every((size) => Number.isInteger(size) && size >= 0) ||
    sizes.reduce((a, b) => a + b, 0) !== length
  ) {
    refuse(
      "split",
      [input.shape],
      `dimension ${along} of length ${length} can't be split into ${parts}`,
    );
  }
  let at = 0;
  return sizes.map((size) => {
    const begin = input.shape.map((_, d) => d === along ? at : 0);
    at += size;
    return slice(x, begin, input.shape.with(along, at));
  });
}

/** The settings of `slice`. */
export interface SliceOptions {
  /** The steps from one element to the next, for each dimension from the first: 1 by default. */
  readonly strides?: readonly number[];
}

/**
 * Takes a part of a tensor: along each dimension the elements from one place to before another, as an array's `slice`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
 * assertEquals([...await ops.slice(x, [0, 1]).data()], [2, 3, 5, 6]);
 * assertEquals([...await ops.slice(x, [1, 0], [2, -1]).data()], [4, 5]);
 * assertEquals([...await ops.slice(x, [], [], { strides: [1, 2] }).data()], [1, 3, 4, 6]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param begin The first place of each dimension from the first; a negative one counts from the end. Dimensions beyond are
 * taken whole.
 * @param end The place after the last; the end by default.
 * @param options Steps from one element to the next.
 * @returns The part.
 * @throws {RangeError} If there are more places than dimensions, or one is no integer.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function slice<D extends DataType>(
  x: Tensor<D>,
  begin: readonly number[],
  end: readonly number[] = [],
  options: SliceOptions = {},
): Tensor<D> {
  const input = open("slice", x);
  const bounds = computeSlice(input.shape, begin, end, options.strides ?? []);
  if (bounds.shape.includes(0)) {
    return fromTfjs<D>(makeConstant({ input }, bounds.shape, 0, x.dtype));
  }
  if (bounds.isWhole) return fromTfjs<D>(run("Identity", { x: input }));
  const part = run("Slice", { x: input }, { begin: bounds.begin, size: bounds.size });
  if (bounds.strides.every((stride) => stride === 1)) return fromTfjs<D>(part);
  const y = takeEvery(part, bounds);
  part.dispose();
  return fromTfjs<D>(y);
}

/**
 * Looks elements, or whole parts, up along an axis.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * const indices = toTensor(Int32Array.of(1, 0, 1), [3]);
 * assertEquals([...await ops.gather(x, indices).data()], [3, 4, 1, 2, 3, 4]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param indices The places along the axis, of any shape, from 0.
 * @param axis The axis; the first one by default.
 * @returns `x` with the shape of the indices in the place of the axis.
 * @throws {RangeError} If there is no such axis; on WASM also if an index is none of the axis. On WebGPU, where they are
 * not read back, such an index gives 0.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function gather<D extends DataType>(
  x: Tensor<D>,
  indices: Tensor<"int32">,
  axis = 0,
): Tensor<D> {
  const [input, places] = [open("gather", x), open("gather", indices, "int32")];
  const along = resolveAxis("gather", input.shape, axis);
  const length = input.shape[along]!;
  const [before, after] = [input.shape.slice(0, along), input.shape.slice(along + 1)];
  const shape = [...before, ...places.shape, ...after];
  checkPlaces(input.shape, places, length);
  if (shape.includes(0)) return fromTfjs<D>(makeConstant({ input }, shape, 0, x.dtype));
  return fromTfjs<D>(withGradient(
    { input },
    (save) => {
      save([places]);
      const flat = tf.reshape(places, [places.size]);
      const y = run("GatherV2", { x: input, indices: flat }, { axis: along, batchDims: 0 });
      return tf.reshape(y, shape);
    },
    (dy, [places]) => ({
      input: () => {
        const apart = [countElements(before), places!.size, countElements(after)] as const;
        return tf.reshape(
          scatterSum(tf.reshape(dy, [...apart]), tf.reshape(places!, [places!.size]), length),
          [...before, length, ...after],
        );
      },
    }),
  ));
}

/** Throws a RangeError if indices that lie in main memory are none of an axis. */
function checkPlaces(shape: readonly number[], places: tf.Tensor, length: number): void {
  if (tf.getBackend() === "webgpu") return;
  for (const place of places.dataSync()) {
    if (place < 0 || place >= length) {
      refuse("gather", [shape, places.shape], `index ${place} is not below ${length}`);
    }
  }
}

/**
 * Writes each integer as a row of zeros with 1 in its place. No gradient passes.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const labels = toTensor(Int32Array.of(2, 0), [2]);
 * assertEquals([...await ops.oneHot(labels, 3).data()], [0, 0, 1, 1, 0, 0]);
 * await backend.close();
 * ```
 *
 * @param indices The integers, of any shape, such as labels.
 * @param depth The length of a row, such as the number of classes.
 * @returns The rows: `[..., depth]`. An integer that is none of the places gives zeros.
 * @throws {RangeError} If the depth is not a positive integer.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function oneHot(indices: Tensor<"int32">, depth: number): Tensor {
  if (!Number.isInteger(depth) || depth < 1) {
    throw new RangeError(`Cannot apply oneHot with depth ${depth}: it must be a positive integer`);
  }
  return fromTfjs(withoutGradient(() => {
    const places = open("oneHot", indices, "int32");
    if (places.size === 0) return tf.zeros([...places.shape, depth]);
    return toRows(places, depth);
  }));
}
