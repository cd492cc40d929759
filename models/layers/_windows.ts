import {
  countWindows,
  type Padding,
  type Pair,
  resolvePadding,
  type Sides,
} from "../ops/_windows.ts";

/** A setting of both directions, or of rows before columns. */
export type Both = number | readonly [down: number, across: number];

/** The windows of a convolution or a pool. */
export interface Windows {
  readonly size: Pair;
  readonly strides: Pair;
  readonly dilation: Pair;
  readonly padding: Padding;
  readonly ceilMode?: boolean;
}

/** The places of windows in an image. */
export interface Placed {
  /** How many there are down and across. */
  readonly counts: Pair;
  readonly padding: Sides;
}

/** Places windows in an image, or says in words how large it must be. */
export function placeWindows(
  layer: string,
  [height, width]: readonly [height: number, width: number, channels: number],
  { size, strides, dilation, padding, ceilMode = false }: Windows,
): Placed | string {
  const window: Pair = [(size[0] - 1) * dilation[0] + 1, (size[1] - 1) * dilation[1] + 1];
  const sides = resolvePadding(layer, padding, [height, width], window, strides);
  const [top, bottom, left, right] = sides;
  const counts: Pair = [
    countWindows(height, top, bottom, window[0], strides[0], ceilMode),
    countWindows(width, left, right, window[1], strides[1], ceilMode),
  ];
  if (counts[0] >= 1 && counts[1] >= 1) return { counts, padding: sides };
  const least = [window[0] - top - bottom, window[1] - left - right];
  return `at least ${least.map((n) => Math.max(n, 1)).join(" x ")} pixels`;
}

/** Gives a setting of both directions. Throws a RangeError unless it is one or two integers of at least 1. */
export function toPair(layer: string, name: string, value: Both): Pair {
  const pair: Pair = typeof value === "number" ? [value, value] : value;
  if (pair.length === 2 && pair.every((n) => Number.isSafeInteger(n) && n >= 1)) return pair;
  throw new RangeError(
    `Cannot describe ${layer} with ${name} ${
      [value].flat().join(" x ")
    }: it must be one or two integers of at least 1`,
  );
}

/** Throws a RangeError unless a padding is one, two or four integers of at least 0, or a word. */
export function checkPadding(layer: string, padding: Padding): void {
  if (padding === "same" || padding === "valid") return;
  const sides = typeof padding === "number" ? [padding] : [...padding];
  const isCount = typeof padding === "number" || sides.length === 2 || sides.length === 4;
  if (isCount && sides.every((n) => Number.isSafeInteger(n) && n >= 0)) return;
  throw new RangeError(
    `Cannot describe ${layer} with padding ${padding}: ` +
      'it must be one, two or four integers of at least 0, "same" or "valid"',
  );
}

/** Writes a setting of both directions for people. */
export function formatBoth(value: Both): string {
  const [down, across] = typeof value === "number" ? [value, value] : value;
  return down === across ? `${down}` : `${down} x ${across}`;
}

/** Lists padding for people, where there is some. */
export function listPadding(padding: Padding): string[] {
  if (padding === 0 || padding === "valid") return [];
  return [`padding ${typeof padding === "object" ? padding.join(" ") : padding}`];
}
