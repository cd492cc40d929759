/**
 * Reductions over axes: sums, means, extremes.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs-core";
import { countElements } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import { run, withGradient } from "./_base/differentiable.ts";
import { makeConstant, openFloats, refuse, resolveAxes } from "./_base/operands.ts";
import { fromTfjs } from "./_base/tfjs.ts";

export type { DataOf, DataType, Tensor } from "../types/tensor.ts";

/** What to reduce over. */
export interface ReductionOptions {
  /** The axis or the axes that are reduced, from the first as 0 or from the last as -1; all of them by default. */
  readonly axis?: number | readonly number[];
  /** Whether these axes stay in the result, with length 1; false by default. */
  readonly keepDims?: boolean;
}

/** A reduction of one tensor. */
interface Reduction {
  readonly input: tf.Tensor;
  readonly axes: number[];
  readonly keepDims: boolean;
  /** How many numbers become one. */
  readonly count: number;
  /** The shape of the result, and the one that it has with the axes kept. */
  readonly shape: number[];
  readonly kept: number[];
}

/** Runs a kernel that reduces, where it has axes to reduce. */
function runReduction(
  kernel: string,
  { input, axes, keepDims }: Reduction,
  name: "axis" | "reductionIndices" = "axis",
): tf.Tensor {
  const x = { x: input };
  return axes.length > 0 ? run(kernel, x, { [name]: axes, keepDims }) : run("Identity", x);
}

function describe(operation: string, x: Tensor, options: ReductionOptions): Reduction {
  const { axis, keepDims = false } = options;
  const input = openFloats(operation, x);
  const axes = [...resolveAxes(operation, input.shape, axis)];
  const kept = input.shape.map((length, d) => axes.includes(d) ? 1 : length);
  const shape = keepDims ? kept : input.shape.filter((_, d) => !axes.includes(d));
  const count = countElements(axes.map((d) => input.shape[d]!));
  return { input, axes, keepDims, count, shape, kept };
}

/** Reduces, unless there is nothing to reduce: then gives a number in its place, if there is one. */
function reduce(
  operation: string,
  x: Tensor,
  options: ReductionOptions,
  fn: (reduction: Reduction) => tf.Tensor,
  none?: number,
): Tensor {
  const reduction = describe(operation, x, options);
  const { input, count, shape } = reduction;
  if (count === 0 && none === undefined) {
    refuse(operation, [input.shape], "it has no numbers to reduce");
  }
  if (input.size === 0) return fromTfjs(makeConstant({ input }, shape, none));
  return fromTfjs(fn(reduction));
}

/**
 * Sums over axes.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * assertEquals([...await ops.sum(x, { axis: 0 }).data()], [4, 6]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param options The axes, all of them by default, and whether they stay with length 1.
 * @returns The sums; 0 of no numbers.
 * @throws {RangeError} If an axis is not one of the dimensions.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function sum(x: Tensor, options: ReductionOptions = {}): Tensor {
  return reduce("sum", x, options, (reduction) => runReduction("Sum", reduction), 0);
}

/**
 * Takes the mean over axes.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * assertEquals([...await ops.mean(x, { axis: -1 }).data()], [1.5, 3.5]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param options The axes, all of them by default, and whether they stay with length 1.
 * @returns The means.
 * @throws {RangeError} If an axis is not one of the dimensions, or if there is nothing to reduce.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function mean(x: Tensor, options: ReductionOptions = {}): Tensor {
  return reduce("mean", x, options, (reduction) => runReduction("Mean", reduction));
}

/**
 * Takes the maximum over axes.
 *
 * Equal maxima share the gradient, as in PyTorch's `amax`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * assertEquals([...await ops.max(x).data()], [4]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param options The axes, all of them by default, and whether they stay with length 1.
 * @returns The maxima, NaN where there is one.
 * @throws {RangeError} If an axis is not one of the dimensions, or if there is nothing to reduce.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function max(x: Tensor, options: ReductionOptions = {}): Tensor {
  return reduce(
    "max",
    x,
    options,
    (reduction) => runReduction("Max", reduction, "reductionIndices"),
  );
}

/**
 * Takes the minimum over axes.
 *
 * Equal minima share the gradient, as in PyTorch's `amin`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * assertEquals([...await ops.min(x, { axis: 1, keepDims: true }).data()], [1, 3]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param options The axes, all of them by default, and whether they stay with length 1.
 * @returns The minima, NaN where there is one.
 * @throws {RangeError} If an axis is not one of the dimensions, or if there is nothing to reduce.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function min(x: Tensor, options: ReductionOptions = {}): Tensor {
  return reduce("min", x, options, (reduction) => runReduction("Min", reduction));
}

/** What to take the variance of. */
export interface VarianceOptions extends ReductionOptions {
  /** What is subtracted from the number of elements before it divides: 0 by default, 1 gives the unbiased estimate. */
  readonly correction?: number;
}

/**
 * Takes the variance over axes, by way of the mean.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * assertEquals([...await ops.variance(x, { axis: 1 }).data()], [0.25, 0.25]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param options The axes, all of them by default, whether they stay, and the correction.
 * @returns `Σ (x - mean)² / (n - correction)`.
 * @throws {RangeError} If an axis is not one of the dimensions, or there are no more elements than the correction.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function variance(x: Tensor, options: VarianceOptions = {}): Tensor {
  const { correction = 0 } = options;
  return reduce("variance", x, options, ({ input, axes, shape, count }) => {
    if (!(correction >= 0 && correction < count)) {
      refuse(
        "variance",
        [input.shape],
        `a correction of ${correction} needs more than ${count} elements`,
      );
    }
    if (axes.length === 0) return makeConstant({ input }, shape);
    return withGradient(
      { input },
      (save) => {
        const centered = tf.sub(input, run("Mean", { x: input }, { axis: axes, keepDims: true }));
        save([centered]);
        const squares = run("Sum", { x: tf.square(centered) }, { axis: axes, keepDims: false });
        return tf.reshape(tf.div(squares, count - correction), shape);
      },
      (dy, [centered]) => ({
        input: () => {
          const kept = centered!.shape.map((length, d) => axes.includes(d) ? 1 : length);
          return tf.mul(tf.mul(centered!, 2 / (count - correction)), tf.reshape(dy, kept));
        },
      }),
    );
  });
}

/**
 * Takes the logarithm of the sum of exponentials over axes, without overflow.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(0, 0), [2]);
 * const [y] = await ops.logSumExp(x).data();
 * assertAlmostEquals(y!, Math.LN2, 1e-6);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @param options The axes, all of them by default, and whether they stay with length 1.
 * @returns `ln Σ e^x`.
 * @throws {RangeError} If an axis is not one of the dimensions, or if there is nothing to reduce.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function logSumExp(x: Tensor, options: ReductionOptions = {}): Tensor {
  return reduce(
    "logSumExp",
    x,
    options,
    ({ input, axes, shape, kept }) =>
      axes.length === 0 ? run("Identity", { x: input }) : withGradient(
        { input },
        (save) => {
          const largest = run("Max", { x: input }, { reductionIndices: axes, keepDims: true });
          // What is infinite stays so, and no difference of infinities arises.
          const offset = tf.where(run("IsFinite", { x: largest }), largest, tf.zerosLike(largest));
          const sums = run("Sum", { x: tf.exp(tf.sub(input, offset)) }, {
            axis: axes,
            keepDims: true,
          });
          const y = tf.add(tf.log(sums), offset);
          save([input, y]);
          return tf.reshape(y, shape);
        },
        (dy, [x, y]) => ({
          input: () => tf.mul(tf.exp(tf.sub(x!, y!)), tf.reshape(dy, kept)),
        }),
      ),
  );
}
