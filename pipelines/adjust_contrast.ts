import { contrast } from "./_adjust.ts";
import { checkAdjust } from "./_color_bytes.ts";
import type { Image } from "./image.ts";

/**
 * Gives an image more or less contrast, exactly as Pillow's `ImageEnhance.Contrast` and torchvision's `adjust_contrast` of
 * Pillow's images: moves each sample away from the mean of the image's gray values or towards it.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adjustContrast } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(90, 100, 110), height: 1, width: 3, channels: 1 };
 * assertEquals(adjustContrast(image, 1.5).data, Uint8Array.of(85, 100, 115));
 * ```
 *
 * @param image The image of bytes, gray or RGB.
 * @param factor The factor, at least 0: 0 gives plain gray, 1 the image itself, 2 twice the contrast.
 * @returns The image in another contrast.
 * @throws {RangeError} When the factor is not a number of at least 0, the image has not 1 or 3 channels, or its shape does
 * not fit its data.
 * @throws {TypeError} When the image is not of bytes.
 */
export function adjustContrast(
  image: Image<Uint8Array<ArrayBuffer>>,
  factor: number,
): Image<Uint8Array<ArrayBuffer>> {
  checkAdjust("contrast", factor, image);
  if (factor === 1) return image;
  const data = new Uint8Array(image.data.length);
  contrast(image, factor, data);
  return { data, height: image.height, width: image.width, channels: image.channels };
}
