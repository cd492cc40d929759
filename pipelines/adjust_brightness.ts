import { brighten } from "./_adjust.ts";
import { checkAdjust } from "./_color_bytes.ts";
import type { Image } from "./image.ts";

/**
 * Makes an image brighter or darker, exactly as Pillow's `ImageEnhance.Brightness` and torchvision's `adjust_brightness` of
 * Pillow's images: the factor times each sample, rounded down and clipped.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adjustBrightness } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(10, 101, 200), height: 1, width: 1, channels: 3 };
 * assertEquals(adjustBrightness(image, 1.5).data, Uint8Array.of(15, 151, 255));
 * ```
 *
 * @param image The image of bytes, gray or RGB.
 * @param factor The factor, at least 0: 0 gives black, 1 the image itself, 2 twice the brightness.
 * @returns The image in another brightness.
 * @throws {RangeError} When the factor is not a number of at least 0, the image has not 1 or 3 channels, or its shape does
 * not fit its data.
 * @throws {TypeError} When the image is not of bytes.
 */
export function adjustBrightness(
  image: Image<Uint8Array<ArrayBuffer>>,
  factor: number,
): Image<Uint8Array<ArrayBuffer>> {
  checkAdjust("brightness", factor, image);
  if (factor === 1) return image;
  const data = new Uint8Array(image.data.length);
  brighten(image, factor, data);
  return { data, height: image.height, width: image.width, channels: image.channels };
}
