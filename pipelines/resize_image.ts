import { checkResize } from "./_check_resize.ts";
import { newData } from "./_image_data.ts";
import { resized } from "./_resized.ts";
import type { Image, ImageData } from "./image.ts";

/**
 * How the pixels of another size are made: `"nearest"` picks one, `"bilinear"` weighs those around by a triangle and
 * `"bicubic"` by Keys' cubic with a = -0.5, which is sharper and may overshoot. The latter two take in every pixel when an
 * image shrinks, so nothing is lost between samples ("antialiasing").
 */
export type ResizeMethod = "bilinear" | "bicubic" | "nearest";

/** Options of {@linkcode resizeImage} and {@linkcode resize}. */
export interface ResizeOptions {
  /** Rows of the result, at least 1. */
  readonly height: number;
  /** Pixels in a row of the result, at least 1. */
  readonly width: number;
  /**
   * How the pixels are made.
   *
   * @default {"bilinear"}
   */
  readonly method?: ResizeMethod;
}

/**
 * Resizes an image exactly as Pillow does and so torchvision on Pillow's images. The weighing methods do first the columns,
 * then the rows; bytes are rounded and clipped after each, with weights of 22 bits; floats are as Pillow's of mode F.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { resizeImage } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(0, 100), height: 1, width: 2, channels: 1 };
 * assertEquals(resizeImage(image, { height: 1, width: 4 }).data, Uint8Array.of(0, 25, 75, 100));
 * assertEquals(
 *   resizeImage(image, { height: 1, width: 4, method: "nearest" }).data,
 *   Uint8Array.of(0, 0, 100, 100),
 * );
 * ```
 *
 * @typeParam D The type of the image's array.
 * @param image The image, of any number of channels.
 * @param options The size of the result, and how to get there.
 * @returns The image in the other size, of the same type and channels; the image itself where that is its size.
 * @throws {RangeError} When a size is not a whole number of at least 1, there is no such method, or the image's
 * shape does not fit its data.
 */
export function resizeImage<D extends ImageData>(
  image: Image<D>,
  { height, width, method = "bilinear" }: ResizeOptions,
): Image<D> {
  checkResize({ height, width, method });
  return resized(image, { height, width, method }, newData);
}
