import type { Padding } from "@rill/rill/models";
import type { Draws } from "../_float64.ts";
import type { Windows } from "../ops/_reference.ts";

type Pair = readonly [down: number, across: number];

/** Windows over an image, as a layer is told of them and as the references take them. */
export interface DrawnWindows {
  /** The image's height and width. */
  readonly size: Pair;
  readonly windows: Windows & { readonly window: Pair };
  readonly options: {
    readonly strides: number | Pair;
    readonly padding: Padding;
    readonly dilation?: number | Pair;
    readonly ceilMode?: boolean;
  };
}

/**
 * Draws windows over an image with every way to say padding, and with PyTorch's sizes.
 *
 * @param options Whether the sizes may be rounded up, as those of pools; whether windows have holes, as those of convolutions;
 * and whether padding may be as large as a window, which a pool refuses.
 */
export function drawWindows(
  draws: Draws,
  { rounded, dilated = false, wide = false }: {
    readonly rounded: "down" | "either";
    readonly dilated?: boolean;
    readonly wide?: boolean;
  },
): DrawnWindows {
  const pair = (most: number): Pair => [draws.integer(1, most), draws.integer(1, most)];
  const window = pair(3);
  const dilation = dilated ? pair(3) : [1, 1] as const;
  const strides = draws.choose(true, false) ? [1, 1] as const : pair(3);
  const reach = window.map((k, d) => (k - 1) * dilation[d]! + 1);
  const size = reach.map((length) => length + draws.integer(0, 3)) as unknown as Pair;
  const most = reach.map((length) => wide ? length : length - 1);
  const side = (d: number) => draws.integer(0, most[d]!);
  const ceilMode = rounded === "either" && draws.choose(true, false);
  const padding = draws.choose<() => Padding>(
    () => "valid",
    () => "same",
    () => Math.min(side(0), side(1)),
    () => [side(0), side(1)],
    () => [side(0), side(0), side(1), side(1)],
  )();
  const sides = toSides(padding, size, reach, strides);
  const output = size.map((length, d) => {
    const [before = 0, after = 0] = sides.slice(2 * d);
    const rest = (length + before + after - reach[d]!) / strides[d]!;
    if (!ceilMode) return Math.floor(rest) + 1;
    // A window that begins beyond the image and the padding before it doesn't count.
    const last = Math.ceil(rest);
    return last * strides[d]! >= length + before ? last : last + 1;
  });
  const say = (pair: Pair) =>
    pair[0] === pair[1] ? draws.choose<number | Pair>(pair[0], pair) : pair;
  return {
    size,
    windows: { window, strides, dilation, padding: sides, output },
    options: {
      strides: say(strides),
      padding,
      ...dilated && { dilation: say(dilation) },
      ...ceilMode && { ceilMode },
    },
  };
}

/** Gives padding by top, bottom, left and right. */
function toSides(
  padding: Padding,
  size: Pair,
  reach: readonly number[],
  strides: Pair,
): readonly number[] {
  if (padding === "valid") return [0, 0, 0, 0];
  if (typeof padding === "number") return [padding, padding, padding, padding];
  if (padding !== "same") return padding.length === 4 ? padding : padding.flatMap((p) => [p, p]);
  return size.flatMap((length, d) => {
    const last = (Math.ceil(length / strides[d]!) - 1) * strides[d]!;
    const missing = Math.max(last + reach[d]! - length, 0);
    return [Math.floor(missing / 2), Math.ceil(missing / 2)];
  });
}
