import { saturate } from "./_adjust.ts";
import { checkAdjust } from "./_color_bytes.ts";
import type { Image } from "./image.ts";

/**
 * Gives an image stronger or weaker colours, exactly as Pillow's `ImageEnhance.Color` and torchvision's
 * `adjust_saturation` of Pillow's images: moves each sample away from its pixel's gray value or towards it.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adjustSaturation } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(200, 100, 100), height: 1, width: 1, channels: 3 };
 * assertEquals(adjustSaturation(image, 0).data, Uint8Array.of(130, 130, 130));
 * ```
 *
 * @param image The image of bytes, RGB or gray. A gray one has no colours and is given back.
 * @param factor The factor, at least 0: 0 gives gray, 1 the image itself, 2 colours twice as strong.
 * @returns The image in another saturation.
 * @throws {RangeError} When the factor is not a number of at least 0, the image has not 1 or 3 channels, or its shape does
 * not fit its data.
 * @throws {TypeError} When the image is not of bytes.
 */
export function adjustSaturation(
  image: Image<Uint8Array<ArrayBuffer>>,
  factor: number,
): Image<Uint8Array<ArrayBuffer>> {
  checkAdjust("saturation", factor, image);
  if (factor === 1 || image.channels === 1) return image;
  const data = new Uint8Array(image.data.length);
  saturate(image, factor, data);
  return { data, height: image.height, width: image.width, channels: image.channels };
}
