import { checkSize } from "./_check_size.ts";
import { checkImage } from "./_image_data.ts";
import { resample } from "./_resample.ts";
import { bilinearTaps } from "./_taps.ts";
import type { Image, ImageData } from "./image.ts";

/** Options of {@linkcode resizeImage} and {@linkcode resize}. */
export interface ResizeOptions {
  /** Rows of the result, at least 1. */
  readonly height: number;
  /** Pixels in a row of the result, at least 1. */
  readonly width: number;
}

/**
 * Resizes an image, bilinearly and with antialiasing, exactly as Pillow does and so torchvision on Pillow's images: first
 * the columns, then the rows; bytes are rounded after each, with weights of 22 bits.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { resizeImage } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(0, 100), height: 1, width: 2, channels: 1 };
 * assertEquals(resizeImage(image, { height: 1, width: 4 }).data, Uint8Array.of(0, 25, 75, 100));
 * ```
 *
 * @typeParam D The type of the image's array.
 * @param image The image, of any number of channels.
 * @param options The size of the result.
 * @returns The image in the other size, of the same type and channels; the image itself where that is its size.
 * @throws {RangeError} When a size is not a whole number of at least 1, or the image's shape does not fit its data.
 */
export function resizeImage<D extends ImageData>(
  image: Image<D>,
  { height, width }: ResizeOptions,
): Image<D> {
  checkSize({ height, width });
  checkImage(image);
  if (image.height === height && image.width === width) return image;
  const { channels } = image;
  let { data } = image;
  if (image.width !== width) {
    data = resample(data, image.height, channels, bilinearTaps(image.width, width));
  }
  if (image.height !== height) {
    data = resample(data, 1, width * channels, bilinearTaps(image.height, height));
  }
  return { data, height, width, channels };
}
