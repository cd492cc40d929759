/**
 * Crops corners and the middle of a single image, for evaluations that average over crops.
 *
 * @module
 */

import { checkSize } from "../../data/_check_size.ts";
import { checkImage } from "../../data/_image_data.ts";
import type { Image, ImageData } from "../../data/image.ts";
import { findMiddle } from "./_middle.ts";
import { mirrorColumns, mirrorRows } from "./_reorder_pixels.ts";
import { cropImage } from "./crop_image.ts";

/** Options of {@linkcode fiveCropImage}. */
export interface FiveCropImageOptions {
  /** Rows of each crop, at least 1 and at most the image's. */
  readonly height: number;
  /** Pixels in a row of each crop, at least 1 and at most the image's. */
  readonly width: number;
}

/** Options of {@linkcode tenCropImage}. */
export interface TenCropImageOptions extends FiveCropImageOptions {
  /**
   * How the image of the second five crops is mirrored: left becomes right (`"horizontal"`), or what is above comes
   * below (`"vertical"`).
   *
   * @default {"horizontal"}
   */
  readonly flip?: "horizontal" | "vertical";
}

/**
 * Crops the corners and the middle of an image, as torchvision's `five_crop` does.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fiveCropImage } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), height: 2, width: 3, channels: 1 };
 * const crops = fiveCropImage(image, { height: 1, width: 1 });
 * assertEquals(crops.map(({ data }) => data[0]), [1, 3, 4, 6, 2]);
 * ```
 *
 * @typeParam D The type of the image's array.
 * @param image The image, of any number of channels.
 * @param options The size of the crops.
 * @returns The crops: upper left, upper right, lower left, lower right, and the middle. Each is the image itself where
 * that is its size.
 * @throws {RangeError} When a size is not an integer of at least 1, the image is smaller, or its shape does not fit its
 * data.
 */
export function fiveCropImage<D extends ImageData>(
  image: Image<D>,
  { height, width }: FiveCropImageOptions,
): Image<D>[] {
  checkSize("crop to", { height, width });
  checkImage(image);
  if (height > image.height || width > image.width) {
    throw new RangeError(
      `the image is ${image.height} × ${image.width}, which is smaller than crops of ${height} × ${width}`,
    );
  }
  const bottom = image.height - height;
  const right = image.width - width;
  const corners = [[0, 0], [0, right], [bottom, 0], [bottom, right]] as const;
  const middle = [findMiddle(image.height, height), findMiddle(image.width, width)] as const;
  return [...corners, middle].map(([top, left]) => cropImage(image, { top, left, height, width }));
}

/**
 * Crops the corners and the middle of an image and of the mirrored image, as torchvision's `ten_crop` does.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tenCropImage } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), height: 2, width: 3, channels: 1 };
 * const crops = tenCropImage(image, { height: 1, width: 1 });
 * assertEquals(crops.map(({ data }) => data[0]), [1, 3, 4, 6, 2, 3, 1, 6, 4, 2]);
 * ```
 *
 * @typeParam D The type of the image's array.
 * @param image The image, of any number of channels.
 * @param options The size of the crops, and how the image is mirrored.
 * @returns The crops of {@linkcode fiveCropImage}, then those of the mirrored image.
 * @throws {RangeError} When a size is not an integer of at least 1, the image is smaller, `flip` is unknown, or the
 * image's shape does not fit its data.
 */
export function tenCropImage<D extends ImageData>(
  image: Image<D>,
  { height, width, flip = "horizontal" }: TenCropImageOptions,
): Image<D>[] {
  if (flip !== "horizontal" && flip !== "vertical") {
    throw new RangeError(`Cannot flip by "${flip}": there are horizontal and vertical`);
  }
  const crops = fiveCropImage(image, { height, width });
  const mirrored = flip === "horizontal" ? mirrorColumns(image) : mirrorRows(image);
  return [...crops, ...fiveCropImage(mirrored, { height, width })];
}
