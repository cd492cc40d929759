import type { ImageRegion } from "../../data/encoded_image.ts";

/** What decides a box to cut: the share of the area outside, and the pixel in the middle. */
export interface Cut {
  readonly share: number;
  readonly row: number;
  readonly column: number;
}

/**
 * Finds the box to cut, as torchvision's CutMix does: with sides in the proportion of the image's, half of them rounded
 * down, and without what would be outside of the image.
 */
export function findCutBox(
  { height, width }: { readonly height: number; readonly width: number },
  { share, row, column }: Cut,
): ImageRegion {
  const half = 0.5 * Math.sqrt(1 - share);
  const rows = Math.trunc(half * height);
  const columns = Math.trunc(half * width);
  const top = Math.max(row - rows, 0);
  const left = Math.max(column - columns, 0);
  return {
    top,
    left,
    height: Math.min(row + rows, height) - top,
    width: Math.min(column + columns, width) - left,
  };
}
