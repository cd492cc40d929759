/**
 * Resizes a single image by its shorter side, as evaluation does before it crops the middle.
 *
 * @module
 */

import { checkInteger } from "../../_arguments/check_integer.ts";
import { checkImage } from "../../data/_image_data.ts";
import type { Image, ImageData } from "../../data/image.ts";
import { newArray } from "../../stage/_arrays.ts";
import { resizeInto } from "../_resample/resize_into.ts";
import { checkResize, type ResizeMethod } from "../_resample/resize_options.ts";

export type { ResizeMethod } from "../_resample/resize_options.ts";

/** Options of {@linkcode resizeShorterSide}. */
export interface ResizeShorterSideOptions {
  /** Pixels of the result's shorter side, at least 1. */
  readonly side: number;
  /**
   * The method of resizing.
   *
   * @default {"bilinear"}
   */
  readonly method?: ResizeMethod;
}

/**
 * Resizes an image so that its shorter side has a given length and its shape stays, exactly like torchvision's `resize`
 * of Pillow's images with a single size: the longer side is rounded down.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { resizeShorterSide } from "@rill/rill/pipelines";
 *
 * const image = { data: new Uint8Array(375 * 500 * 3), height: 375, width: 500, channels: 3 };
 * const { height, width } = resizeShorterSide(image, { side: 256 });
 * assertEquals([height, width], [256, 341]);
 * ```
 *
 * @typeParam D The type of the image's array.
 * @param image The image, of any number of channels.
 * @param options The length of the shorter side, and the method.
 * @returns The image in the other size, of the same type and channels; the image itself where that is its size.
 * @throws {RangeError} When `side` is not an integer of at least 1, the method is unknown, or the image's shape does not
 * fit its data.
 */
export function resizeShorterSide<D extends ImageData>(
  image: Image<D>,
  { side, method = "bilinear" }: ResizeShorterSideOptions,
): Image<D> {
  checkInteger(`resize the shorter side to ${side}`, "side", side, { min: 1 });
  checkImage(image);
  const { height, width } = image;
  const longer = Math.floor(side * Math.max(height, width) / Math.min(height, width));
  const size = height < width ? { height: side, width: longer } : { height: longer, width: side };
  checkResize({ ...size, method });
  return resizeInto(image, { ...size, method }, newArray);
}
