// The differences between products: the settings of a program when it runs, and the layout that its code depends on.
import type { GemmParameters } from "./_gemm_parameters.ts";

/** The settings of a product in the order in which the program has them, all of them integers. */
export const GEMM_SETTINGS = [
  // The size of the product.
  "rows",
  "columns",
  // The row after the left operand's that is all ones, where there is one.
  "onesRow",
  "segments",
  "inner",
  // Rows are images of `plane` pixels in lines of `line`: where a row begins, as line and element of the image.
  "plane",
  "line",
  "lineStep",
  "lineStart",
  "elementStep",
  "elementStart",
  // Segments come in groups of `segmentPlane`, one an image, `segmentStep` lines apart; along one, elements are this far apart.
  "segmentPlane",
  "segmentStep",
  "innerStep",
  // An image: its lines and the elements of each.
  "lines",
  "elements",
  // The right operand.
  "rightStart",
  "rightSegment",
  "rightInner",
  "rightColumn",
  // The result: its first element, and how far images, lines and pixels are apart.
  "resultStart",
  "resultPlane",
  "resultLine",
  "resultPixel",
  // Products of a batch, and slices of each product's inner dimension.
  "leftBatch",
  "rightBatch",
  "resultBatch",
  "slices",
  "innerSlices",
  "sliceSegments",
  "sliceInner",
  "resultSlice",
] as const;

/** A product's settings, by name. */
export type GemmSettings = Readonly<Record<typeof GEMM_SETTINGS[number], number>>;

/** The neighbours in memory that the threads of a workgroup load together into shared memory. */
export interface GemmLayout {
  /** Along the inner dimension, or down the rows. */
  readonly left: "inner" | "rows";
  /** Along the inner dimension, or across the columns. */
  readonly right: "inner" | "columns";
}

/**
 * The operands that the workgroup may load four neighbours at a time, and whether it may store as many: their elements lie at
 * multiples of four.
 */
export interface GemmWidth {
  readonly left: boolean;
  readonly right: boolean;
  readonly result: boolean;
}

/** Finds the operands of a product that can be loaded four neighbours at a time with a set of parameters. */
export function findGemmWidth(
  { block, depth, operands, vector }: GemmParameters,
  layout: GemmLayout,
  s: Omit<GemmSettings, "onesRow" | "slices" | "innerSlices" | "sliceSegments" | "resultSlice">,
): GemmWidth {
  const fours = (...lengths: number[]) => lengths.every((length) => length % 4 === 0);
  const shared = operands === "shared";
  const inner = fours(s.inner, s.sliceInner) && (!shared || fours(depth));
  const image = fours(s.elements, s.elementStart, s.leftBatch);
  const left = image && (layout.left === "inner"
    // Four along the inner dimension are in the image or beyond its edge together.
    ? inner && s.innerStep === 1 && (s.line === 1 || fours(s.elementStep))
    : fours(block[0], s.line, s.rows, s.innerStep) && s.elementStep === 1);
  const right = fours(s.rightStart, s.rightSegment, s.rightBatch) &&
    (layout.right === "columns"
      ? vector === 4 && s.rightColumn === 1 && fours(s.rightInner, s.columns)
      : (vector === 4 || !shared) && inner && s.rightInner === 1 && fours(s.rightColumn));
  if (shared) return { left, right, result: false };
  // Without shared memory it is of use only where the columns are far apart, and each has its inner dimension in a line; and
  // where threads hand each other what they load, for neighbouring rows and columns.
  const lies = layout.right === "inner" ? layout.left === "inner" : layout.left === "rows";
  const both = left && right && lies && (layout.right === "inner" || operands === "subgroup");
  const result = both && layout.left === "rows" && s.resultPixel !== 1 &&
    fours(s.resultStart, s.resultPlane, s.resultLine, s.resultPixel, s.resultBatch);
  return { left: both, right: both, result };
}
