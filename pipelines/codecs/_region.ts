import { checkInteger } from "../_arguments/check_integer.ts";
import type { ImageRegion } from "../data/encoded_image.ts";
import { type ImageFacts, ImageProblem } from "./_image_header.ts";
import type { ImageOrientation } from "./orient_image.ts";

/**
 * Refuses a region that no image has.
 *
 * @throws {RangeError} As `Cannot decode a region from row -1: the row must be an integer of at least 0`.
 */
export function checkRegion({ top, left, height, width }: ImageRegion): void {
  checkInteger(`decode a region from row ${top}`, "row", top);
  checkInteger(`decode a region from column ${left}`, "column", left);
  checkInteger(`decode a region of ${height} rows`, "number", height, { min: 1 });
  checkInteger(`decode a region of ${width} columns`, "number", width, { min: 1 });
}

/**
 * Finds a region of an image, as it is looked at, among its pixels as they are stored.
 *
 * @param orientation What makes the one of the other.
 */
export function findStored(
  region: ImageRegion,
  stored: Pick<ImageFacts, "height" | "width">,
  orientation: ImageOrientation,
): ImageRegion {
  const isTransposed = orientation >= 5;
  const { top, left, height, width } = isTransposed
    ? { top: region.left, left: region.top, height: region.width, width: region.height }
    : region;
  const [bottom, right] = [stored.height - top - height, stored.width - left - width];
  if (bottom < 0 || right < 0) {
    const [rows, columns] = isTransposed
      ? [stored.width, stored.height]
      : [stored.height, stored.width];
    throw new ImageProblem(
      `it is ${rows} × ${columns} and has no region of ${region.height} × ${region.width} at row ${region.top}, ` +
        `column ${region.left}`,
    );
  }
  return {
    top: FROM_BOTTOM.includes(orientation) ? bottom : top,
    left: FROM_RIGHT.includes(orientation) ? right : left,
    height,
    width,
  };
}

/** The orientations whose pixels are stored from the bottom up, and from right to left. */
const FROM_BOTTOM: readonly ImageOrientation[] = [3, 4, 6, 7];
const FROM_RIGHT: readonly ImageOrientation[] = [2, 3, 7, 8];

/** Copies a region's samples from those of its image. */
export function copyRegion(
  data: Uint8Array<ArrayBuffer>,
  { top, left, height, width }: ImageRegion,
  stored: Pick<ImageFacts, "height" | "width">,
  channels: number,
): Uint8Array<ArrayBuffer> {
  if (height === stored.height && width === stored.width) return data;
  const output = new Uint8Array(height * width * channels);
  const length = width * channels;
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * stored.width + left) * channels;
    output.set(data.subarray(from, from + length), row * length);
  }
  return output;
}
