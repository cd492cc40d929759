/**
 * Pooling: the maximum or the mean of windows of images.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs-core";
import { MAX_POOL, MAX_POOL_GRADIENT } from "../kernels/definitions/_kernel_names.ts";
import type { Tensor } from "../types/tensor.ts";
import { isDifferentiating } from "./_base/gradients.ts";
import { hasKernel, run, withGradient } from "./_base/differentiable.ts";
import { makeConstant, openFloats } from "./_base/operands.ts";
import { fromTfjs } from "./_base/tfjs.ts";
import { describePool, type Padding, type Pool, toKernelPadding } from "./_windows.ts";

export type { Padding } from "./_windows.ts";
export type { DataOf, DataType, Tensor } from "../types/tensor.ts";

/** The settings of pooling. */
export interface PoolOptions {
  /** Pixels from one window to the next, in both directions or down and across; the window's side by default. */
  readonly strides?: number | readonly [down: number, across: number];
  /** Rows and columns around the image, fewer than the window has; none by default. */
  readonly padding?: Padding;
  /** Whether a last window that reaches over the edge counts; false by default. It must begin in the image or its padding before. */
  readonly ceilMode?: boolean;
}

/** The settings of average pooling. */
export interface AvgPoolOptions extends PoolOptions {
  /** Whether padding counts in the number that divides, as zeros; true by default, as in PyTorch. What lies over the edge never does. */
  readonly countPadding?: boolean;
}

/**
 * Takes the maximum over windows of images. Padding is -Infinity, as in PyTorch, and NaN is larger than any number.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2, 3, 4), [1, 2, 2, 1]);
 * assertEquals([...await ops.maxPool2d(x, 2).data()], [4]);
 * await backend.close();
 * ```
 *
 * @param x The images, `[n, height, width, channels]`.
 * @param poolSize The window's side, or its height and width.
 * @param options Strides, padding, and whether sizes are rounded up.
 * @returns The maxima, `[n, ⌊(height + padding - window) / stride⌋ + 1, …, channels]`.
 * @throws {RangeError} If there are no images, or a setting is invalid.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function maxPool2d(
  x: Tensor,
  poolSize: number | readonly [height: number, width: number],
  options: PoolOptions = {},
): Tensor {
  const input = openFloats("maxPool2d", x);
  const pool = describePool("maxPool2d", input.shape, poolSize, options);
  if (input.size === 0) return fromTfjs(makeConstant({ input }, pool.shape));
  const attrs = toPoolAttrs(pool, pool.padding);
  // Where a gradient is wanted, winners are kept for it.
  if (!hasKernel(MAX_POOL) || !isDifferentiating()) {
    return fromTfjs(run("MaxPool", { x: input }, attrs));
  }
  return fromTfjs(withGradient(
    { input },
    (save) => {
      const [y, winners] = tf.engine().runKernel(
        MAX_POOL,
        { x: input },
        attrs as unknown as tf.NamedAttrMap,
      ) as tf.Tensor[];
      save([input, y!, winners!]);
      return y!;
    },
    (dy, [x, y, winners]) => ({
      input: () => run(MAX_POOL_GRADIENT, { dy, x: x!, y: y!, winners: winners! }, attrs),
    }),
  ));
}

/**
 * Takes the mean over windows of images, PyTorch's `avg_pool2d`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2, 3, 4), [1, 2, 2, 1]);
 * assertEquals([...await ops.avgPool2d(x, 2).data()], [2.5]);
 * await backend.close();
 * ```
 *
 * @param x The images, `[n, height, width, channels]`.
 * @param poolSize The window's side, or its height and width.
 * @param options Strides, padding and whether it counts, and whether sizes are rounded up.
 * @returns The means, `[n, ⌊(height + padding - window) / stride⌋ + 1, …, channels]`.
 * @throws {RangeError} If there are no images, or a setting is invalid.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function avgPool2d(
  x: Tensor,
  poolSize: number | readonly [height: number, width: number],
  options: AvgPoolOptions = {},
): Tensor {
  const { countPadding = true } = options;
  const input = openFloats("avgPool2d", x);
  const pool = describePool("avgPool2d", input.shape, poolSize, options);
  if (input.size === 0) return fromTfjs(makeConstant({ input }, pool.shape));
  const [top, bottom, left, right] = pool.declared;
  if (!countPadding || (top + bottom + left + right) === 0) {
    return fromTfjs(average(input, pool, pool.padding));
  }
  // What counts as zeros is made zeros: the kernels leave out of the number what is their own padding.
  const paddings = [[0, 0], [top, bottom], [left, right], [0, 0]];
  const padded = run("PadV2", { x: input }, { paddings, constantValue: 0 });
  const [, over, , beside] = pool.padding;
  const y = average(padded, pool, [0, Math.max(over - bottom, 0), 0, Math.max(beside - right, 0)]);
  padded.dispose();
  return fromTfjs(y);
}

/** Takes means that padding has no part in. */
function average(x: tf.Tensor, pool: Pool, padding: Pool["padding"]): tf.Tensor {
  const attrs = toPoolAttrs(pool, padding);
  const { window, strides, shape: [, rows = 0, columns = 0] } = pool;
  const { shape } = x;
  const [, height = 0, width = 0] = shape;
  return withGradient(
    { x },
    () => run("AvgPool", { x }, attrs),
    (dy) => ({
      x: () => {
        // The kernel divides by the whole window everywhere, also where part of it lies on padding.
        const down = countCovered(rows, strides[0], padding[0], window[0], height);
        const across = countCovered(columns, strides[1], padding[2], window[1], width);
        const area = window[0] * window[1];
        const factors = down.flatMap((high) => across.map((wide) => area / (high * wide)));
        const isWhole = factors.every((factor) => factor === 1);
        const scaled = isWhole ? dy : tf.mul(dy, tf.tensor(factors, [rows, columns, 1]));
        // Of the input the kernel needs the shape alone: to keep it would take its memory.
        const input = { dataId: scaled.dataId, dtype: scaled.dtype, shape } as tf.Tensor;
        return run("AvgPoolGrad", { dy: scaled, input }, attrs);
      },
    }),
  );
}

/** Counts the pixels of each window that lie in the image, along one direction. */
function countCovered(
  windows: number,
  stride: number,
  before: number,
  window: number,
  length: number,
): number[] {
  return Array.from({ length: windows }, (_, i) => {
    const first = i * stride - before;
    return Math.min(first + window, length) - Math.max(first, 0);
  });
}

function toPoolAttrs({ window, strides }: Pool, padding: Pool["padding"]): object {
  return { filterSize: [...window], strides: [...strides], pad: toKernelPadding(padding) };
}
