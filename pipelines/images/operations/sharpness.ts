/**
 * Sharpens or softens single images, byte for byte like Pillow.
 *
 * @module
 */

import { checkNumber } from "../../_arguments/check_number.ts";
import type { Image } from "../../data/image.ts";
import { clip, makeProductTable } from "./_adjust.ts";
import { type ByteImage, changeColors, checkColorBytes } from "./_color_bytes.ts";

/**
 * Makes an image sharper or softer, exactly like Pillow's `ImageEnhance.Sharpness` and torchvision's `adjust_sharpness`
 * of Pillow's images: moves each sample away from the weighted mean of the 3 × 3 pixels around it, or towards it. Pixels
 * at the border stay as they are.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adjustSharpness } from "@rill/rill/pipelines";
 *
 * const data = Uint8Array.of(0, 0, 0, 0, 130, 0, 0, 0, 0);
 * const image = { data, height: 3, width: 3, channels: 1 };
 * assertEquals(adjustSharpness(image, 0).data[4], 50);
 * assertEquals(adjustSharpness(image, 2).data[4], 210);
 * ```
 *
 * @param image The image of bytes, gray or RGB.
 * @param factor The factor, at least 0: 0 gives a softened image, 1 the image itself, 2 a sharpened one.
 * @returns The image in another sharpness.
 * @throws {RangeError} When the factor is not a number of at least 0, the image has not 1 or 3 channels, or its shape
 * does not fit its data.
 * @throws {TypeError} When the image is not of bytes.
 */
export function adjustSharpness(
  image: Image<Uint8Array<ArrayBuffer>>,
  factor: number,
): Image<Uint8Array<ArrayBuffer>> {
  checkNumber(`adjust sharpness by ${factor}`, "factor", factor, { min: 0 });
  checkColorBytes(image);
  // Where there is only border, nothing changes.
  if (factor === 1 || image.height < 3 || image.width < 3) return image;
  return changeColors(image, sharpen, factor);
}

/**
 * `SMOOTHED[n]`: the rounded mean where `n` is the sum of nine samples, the one in the middle taken five times. Pillow
 * calculates in single precision, which rounds to the same: `n / 13` is never near a half.
 */
const SMOOTHED = Uint8Array.from({ length: 13 * 255 + 1 }, (_, n) => Math.floor(n / 13 + 0.5));

/** Blends the mean around each sample with the sample, in single precision like Pillow. */
function sharpen(
  { data, height, width, channels }: ByteImage,
  factor: number,
  output: Uint8Array<ArrayBuffer>,
): void {
  const products = makeProductTable(factor);
  const rowLength = width * channels;
  const sums = new Uint16Array(rowLength);
  output.set(data.subarray(0, rowLength));
  output.set(data.subarray(data.length - rowLength), data.length - rowLength);
  for (let row = rowLength; row < data.length - rowLength; row += rowLength) {
    for (let i = 0; i < rowLength; i++) {
      const at = row + i;
      sums[i] = data[at - rowLength]! + data[at]! + data[at + rowLength]!;
    }
    for (let i = 0; i < channels; i++) {
      output[row + i] = data[row + i]!;
      output[row + rowLength - 1 - i] = data[row + rowLength - 1 - i]!;
    }
    for (let i = channels; i < rowLength - channels; i++) {
      const sample = data[row + i]!;
      const smoothed = SMOOTHED[sums[i - channels]! + sums[i]! + sums[i + channels]! + 4 * sample]!;
      output[row + i] = clip(Math.fround(smoothed + products[255 + sample - smoothed]!));
    }
  }
}
