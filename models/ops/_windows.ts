// Where the windows of convolutions and pools lie.
import { refuse } from "./_base/operands.ts";

/**
 * What surrounds an image: the same number on each side; one for above and below and one for the sides; one for each of top,
 * bottom, left and right; `"valid"` for none; or as many as give one window for each stride, `"same"`, the odd one below and
 * to the right.
 */
export type Padding =
  | number
  | readonly [vertical: number, horizontal: number]
  | readonly [top: number, bottom: number, left: number, right: number]
  | "same"
  | "valid";

/** Two numbers, that of rows before that of columns. */
export type Pair = readonly [down: number, across: number];

/** Padding by sides. */
export type Sides = readonly [top: number, bottom: number, left: number, right: number];

/** Gives a setting of both directions. */
export function resolvePair(
  operation: string,
  name: string,
  value: number | readonly [number, number],
): Pair {
  const pair: Pair = typeof value === "number" ? [value, value] : value;
  if (pair.length === 2 && pair.every((each) => Number.isInteger(each) && each >= 1)) return pair;
  throw new RangeError(
    `Cannot apply ${operation} with ${name} of ${value}: it takes positive integers`,
  );
}

/** Gives padding by sides. */
export function resolvePadding(
  operation: string,
  padding: Padding,
  size: Pair,
  window: Pair,
  strides: Pair,
): Sides {
  if (padding === "valid") return [0, 0, 0, 0];
  if (padding === "same") {
    const [down, across] = size.map((length, d) => {
      const windows = Math.ceil(length / strides[d]!);
      return Math.max((windows - 1) * strides[d]! + window[d]! - length, 0);
    }) as [number, number];
    return [down >> 1, down - (down >> 1), across >> 1, across - (across >> 1)];
  }
  const sides = typeof padding === "number"
    ? [padding, padding, padding, padding]
    : padding.length === 2
    ? [padding[0], padding[0], padding[1], padding[1]]
    : padding;
  if (
    !Array.isArray(sides) || sides.length !== 4 ||
    !sides.every((each) => Number.isInteger(each) && each >= 0)
  ) {
    throw new RangeError(
      `Cannot apply ${operation} with padding of ${padding}: ` +
        'it takes one, two or four integers from 0, "same" or "valid"',
    );
  }
  return sides as unknown as Sides;
}

/** Gives padding as the kernels take it. */
export function toKernelPadding(
  [top, bottom, left, right]: Sides,
): "valid" | [[number, number], [number, number], [number, number], [number, number]] {
  return top + bottom + left + right === 0
    ? "valid"
    : [[0, 0], [top, bottom], [left, right], [0, 0]];
}

/** A pool over images. */
export interface Pool {
  readonly window: Pair;
  readonly strides: Pair;
  /** The padding that was asked for. */
  readonly declared: Sides;
  /** The padding with which sizes needn't be rounded up. */
  readonly padding: Sides;
  /** The shape of the result. */
  readonly shape: readonly number[];
}

/** Describes a pool. */
export function describePool(
  operation: string,
  shape: readonly number[],
  poolSize: number | Pair,
  options: {
    readonly strides?: number | Pair;
    readonly padding?: Padding;
    readonly ceilMode?: boolean;
  },
): Pool {
  const { padding = 0, ceilMode = false } = options;
  const window = resolvePair(operation, "windows", poolSize);
  const strides = resolvePair(operation, "strides", options.strides ?? window);
  const [batch = 0, height = 0, width = 0, channels = 0] = shape;
  if (shape.length !== 4) {
    refuse(operation, [shape], "it takes images as [n, height, width, channels]");
  }
  const declared = resolvePadding(operation, padding, [height, width], window, strides);
  const [top, bottom, left, right] = declared;
  if (Math.max(top, bottom) >= window[0] || Math.max(left, right) >= window[1]) {
    refuse(operation, [shape], `padding of ${declared} must be less than the window of ${window}`);
  }
  const [rows, below] = place(height, top, bottom, window[0], strides[0], ceilMode);
  const [columns, beside] = place(width, left, right, window[1], strides[1], ceilMode);
  if (rows < 1 || columns < 1) {
    refuse(
      operation,
      [shape],
      `a window of ${window[0]} x ${window[1]} is larger than the padded image`,
    );
  }
  return {
    window,
    strides,
    declared,
    padding: [top, below, left, beside],
    shape: [batch, rows, columns, channels],
  };
}

/** Counts the windows along one direction; less than 1 where not one fits. */
export function countWindows(
  length: number,
  before: number,
  after: number,
  window: number,
  stride: number,
  ceilMode: boolean,
): number {
  const rest = length + before + after - window;
  if (rest < 0 && !ceilMode) return 0;
  const windows = (ceilMode ? Math.ceil(rest / stride) : Math.floor(rest / stride)) + 1;
  // A last window must begin in the image or before it.
  return ceilMode && (windows - 1) * stride >= length + before ? windows - 1 : windows;
}

/** Places windows along one direction: how many there are, and how far the last one reaches over the edge. */
function place(
  length: number,
  before: number,
  after: number,
  window: number,
  stride: number,
  ceilMode: boolean,
): readonly [windows: number, over: number] {
  const windows = countWindows(length, before, after, window, stride, ceilMode);
  return [windows, Math.max((windows - 1) * stride + window - length - before, 0)];
}
