/**
 * Crops a box of a single image, which may reach beyond it. The cropping stages are made of this.
 *
 * @module
 */

import { checkInteger } from "../../_arguments/check_integer.ts";
import { checkSize } from "../../data/_check_size.ts";
import { checkImage } from "../../data/_image_data.ts";
import type { Image, ImageData } from "../../data/image.ts";
import { newArray } from "../../stage/_arrays.ts";
import { checkNumbers, expandFill, fillPixels } from "./_per_channel.ts";

/** Options of {@linkcode cropImage}. */
export interface CropImageOptions {
  /** The row of the image that the result begins with; a negative one lies above the image. */
  readonly top: number;
  /** The column of the image that the result begins with; a negative one lies left of the image. */
  readonly left: number;
  /** Rows of the result, at least 1. */
  readonly height: number;
  /** Pixels in a row of the result, at least 1. */
  readonly width: number;
  /**
   * The samples of pixels outside the image: one number, or one for each channel.
   *
   * @default {0}
   */
  readonly fill?: number | readonly number[];
}

/**
 * Crops a box of an image. The box may reach beyond the image, as that of Pillow's `crop` may; the pixels there are
 * filled.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cropImage } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(1, 2, 3, 4), height: 2, width: 2, channels: 1 };
 * const box = { top: 1, left: -1, height: 1, width: 3 };
 * assertEquals(cropImage(image, box).data, Uint8Array.of(0, 3, 4));
 * assertEquals(cropImage(image, { ...box, fill: 255 }).data, Uint8Array.of(255, 3, 4));
 * ```
 *
 * @typeParam D The type of the image's array.
 * @param image The image, of any number of channels.
 * @param options The box, and the samples outside the image.
 * @returns The image in the box, of the same type and channels; the image itself where the box is all of it.
 * @throws {RangeError} When a number of the box is not an integer, a size is not at least 1, `fill` is not finite, not
 * one number for each channel or, for an image of bytes, not a byte; or when the image's shape does not fit its data.
 */
export function cropImage<D extends ImageData>(
  image: Image<D>,
  { top, left, height, width, fill = 0 }: CropImageOptions,
): Image<D> {
  checkSize("crop to", { height, width });
  const least = { min: -Number.MAX_SAFE_INTEGER };
  checkInteger(`crop from row ${top}`, "row", top, least);
  checkInteger(`crop from column ${left}`, "column", left, least);
  checkNumbers("crop with", "fill", fill);
  checkImage(image);
  const samples = expandFill(image, "fill", fill);
  const { channels } = image;
  if (top === 0 && left === 0 && height === image.height && width === image.width) return image;

  const output = newArray(image.data, height * width * channels);
  // The part of the result that the image covers.
  const firstRow = Math.min(Math.max(-top, 0), height);
  const lastRow = Math.max(Math.min(image.height - top, height), firstRow);
  const first = Math.min(Math.max(-left, 0), width);
  const last = Math.max(Math.min(image.width - left, width), first);
  const isFilled = samples.some((sample) => sample !== 0);
  if (isFilled) fillPixels(output, samples, 0, firstRow * width * channels);
  for (let row = firstRow; row < lastRow; row++) {
    const to = row * width;
    if (last > first) {
      const from = (row + top) * image.width + left;
      output.set(
        image.data.subarray((from + first) * channels, (from + last) * channels),
        (to + first) * channels,
      );
    }
    if (isFilled) {
      fillPixels(output, samples, to * channels, (to + first) * channels);
      fillPixels(output, samples, (to + last) * channels, (to + width) * channels);
    }
  }
  if (isFilled) fillPixels(output, samples, lastRow * width * channels, output.length);
  return { data: output, height, width, channels };
}
