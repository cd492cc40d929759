/**
 * Pooling layers.
 *
 * @module
 */

import { type Padding, type Pair, resolvePadding } from "../ops/_windows.ts";
import * as ops from "../ops/mod.ts";
import { countElements, isImageShape } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import {
  type Both,
  checkPadding,
  formatBoth,
  listPadding,
  placeWindows,
  toPair,
} from "./_windows.ts";
import { type Layer, layer } from "./layer.ts";

export type { Padding } from "../ops/_windows.ts";
export type { Layer } from "./layer.ts";

/** The settings of a pooling layer. */
export interface Pool2dOptions {
  /** Side of the window in pixels, or its height and width. */
  readonly poolSize: number | readonly [height: number, width: number];
  /** Pixels from one window to the next, in both directions or down and across; `poolSize` by default. */
  readonly strides?: number | readonly [down: number, across: number];
  /** Rows and columns around the image, fewer than the window has; 0 by default. */
  readonly padding?: Padding;
  /** Whether a last window that reaches over the edge counts, PyTorch's `ceil_mode`; false by default. */
  readonly ceilMode?: boolean;
}

/** The settings of average pooling. */
export interface AvgPool2dOptions extends Pool2dOptions {
  /** Whether padding counts in the number that divides, PyTorch's `count_include_pad`; true by default. */
  readonly countPadding?: boolean;
}

/**
 * Describes a layer that takes the maximum of each channel in each window: `[height, width, channels]` to
 * `[⌊(height + padding - poolSize) / strides⌋ + 1, …, channels]`, the padding that of both sides, and rounded up in ceil mode.
 * Padding is smaller than any number. PyTorch's `MaxPool2d`.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, maxPool2d } from "@rill/rill/models";
 *
 * const layer = build(maxPool2d({ poolSize: 3, strides: 2 }), [54, 54, 96]);
 * assert(layer._tag === "Right");
 * assertEquals(layer.right.outputShape, [26, 26, 96]);
 * ```
 *
 * @param options The settings.
 * @returns The layer.
 * @throws {RangeError} If a setting is not an integer or too small, or if the padding isn't less than the window.
 */
export function maxPool2d(options: Pool2dOptions): Layer {
  return describePool("MaxPool2d", "maxPool2d", options, {}, ops.maxPool2d);
}

/**
 * Describes a layer that takes the mean of each channel in each window, of the sizes of {@linkcode maxPool2d}; PyTorch's
 * `AvgPool2d`.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { avgPool2d, build } from "@rill/rill/models";
 *
 * const layer = build(avgPool2d({ poolSize: 2 }), [28, 28, 6]);
 * assert(layer._tag === "Right");
 * assertEquals(layer.right.outputShape, [14, 14, 6]);
 * ```
 *
 * @param options The settings.
 * @returns The layer.
 * @throws {RangeError} If a setting is not an integer or too small, or if the padding isn't less than the window.
 */
export function avgPool2d(options: AvgPool2dOptions): Layer {
  const { countPadding = true } = options;
  return describePool(
    "AvgPool2d",
    "avgPool2d",
    options,
    { countPadding },
    (x, size, pool) => ops.avgPool2d(x, size, { ...pool, countPadding }),
  );
}

/**
 * Describes a layer that takes means over as many windows as the output is to have pixels, PyTorch's `AdaptiveAvgPool2d`:
 * window `i` of `n` goes from pixel `⌊i · side / n⌋` to before `⌈(i + 1) · side / n⌉`.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { adaptiveAvgPool2d, build } from "@rill/rill/models";
 *
 * const layer = build(adaptiveAvgPool2d(6), [13, 13, 256]);
 * assert(layer._tag === "Right");
 * assertEquals(layer.right.outputShape, [6, 6, 256]);
 * ```
 *
 * @param outputSize Side of the output in pixels, or its height and width.
 * @returns The layer.
 * @throws {RangeError} If a size is not an integer of at least 1.
 */
export function adaptiveAvgPool2d(
  outputSize: number | readonly [height: number, width: number],
): Layer {
  const size = toPair("adaptive pooling", "outputSize", outputSize);
  return layer(`AdaptiveAvgPool2d(${formatBoth(outputSize)})`, (input) => {
    if (!isImageShape(input)) return "an image: height x width x channels";
    const [height, width, channels] = input;
    return {
      outputShape: [...size, channels],
      kind: { type: "adaptiveAvgPool2d", attributes: { outputSize: size } },
      flops: countElements(input),
      apply: (x) => averageAlong(averageAlong(x, 1, height, size[0]), 2, width, size[1]),
    };
  });
}

/**
 * Describes a layer that takes the mean of each channel over the whole image: `[height, width, channels]` to `[channels]`.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, globalAvgPool2d } from "@rill/rill/models";
 *
 * const layer = build(globalAvgPool2d(), [7, 7, 512]);
 * assert(layer._tag === "Right");
 * assertEquals(layer.right.outputShape, [512]);
 * ```
 *
 * @returns The layer.
 */
export function globalAvgPool2d(): Layer {
  return layer("GlobalAvgPool2d()", (input) => {
    if (!isImageShape(input)) return "an image: height x width x channels";
    return {
      outputShape: [input[2]],
      kind: { type: "globalAvgPool2d", attributes: {} },
      flops: countElements(input),
      apply: (x) => ops.mean(x, { axis: [1, 2] }),
    };
  });
}

/** Takes means along one direction, over as many windows as there are to be pixels. */
function averageAlong(x: Tensor, axis: 1 | 2, length: number, count: number): Tensor {
  if (count === length) return x;
  if (length % count === 0) {
    const window = length / count;
    return ops.avgPool2d(x, axis === 1 ? [window, 1] : [1, window]);
  }
  const windows = Array.from({ length: count }, (_, i) => {
    const begin = x.shape.map((_, d) => d === axis ? Math.floor(i * length / count) : 0);
    const end = x.shape.map((n, d) => d === axis ? Math.ceil((i + 1) * length / count) : n);
    return ops.mean(ops.slice(x, begin, end), { axis, keepDims: true });
  });
  return ops.concat(windows, axis);
}

/** Describes a layer that computes something of each channel in each window. */
function describePool(
  name: string,
  type: string,
  options: Pool2dOptions,
  attributes: Readonly<Record<string, boolean>>,
  pool: (x: Tensor, poolSize: Pair, options: ops.PoolOptions) => Tensor,
): Layer {
  const what = "a pooling layer";
  const { poolSize, padding = 0, ceilMode = false } = options;
  const strides: Both = options.strides ?? poolSize;
  const windows = {
    size: toPair(what, "poolSize", poolSize),
    strides: toPair(what, "strides", strides),
    dilation: [1, 1],
    padding,
    ceilMode,
  } as const;
  checkPadding(what, padding);
  checkPaddingFits(what, windows.size, padding);
  const settings = [
    formatBoth(poolSize),
    `stride ${formatBoth(strides)}`,
    ...listPadding(padding),
    ...ceilMode ? ["ceil mode"] : [],
  ];
  return layer(`${name}(${settings.join(", ")})`, (input) => {
    if (!isImageShape(input)) return "an image: height x width x channels";
    const placed = placeWindows(what, input, windows);
    if (typeof placed === "string") return placed;
    const outputShape = [...placed.counts, input[2]];
    const { size, strides } = windows;
    return {
      outputShape,
      kind: {
        type,
        attributes: { poolSize: size, strides, padding: placed.padding, ceilMode, ...attributes },
      },
      flops: (size[0] * size[1] - 1) * countElements(outputShape),
      apply: (x) => pool(x, size, { strides, padding: placed.padding, ceilMode }),
    };
  });
}

/** Throws a RangeError where a window could see nothing but padding. */
function checkPaddingFits(what: string, size: Pair, padding: Padding): void {
  // Over an image of one window, `"same"` adds nothing.
  const [top, bottom, left, right] = resolvePadding(what, padding, size, size, size);
  if (Math.max(top, bottom) < size[0] && Math.max(left, right) < size[1]) return;
  throw new RangeError(
    `Cannot describe ${what} with padding ${padding}: it must be less than the window of ${
      size.join(" x ")
    }`,
  );
}
