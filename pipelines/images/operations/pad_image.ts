/**
 * Pads a single image on its sides.
 *
 * @module
 */

import { checkInteger } from "../../_arguments/check_integer.ts";
import { checkImage } from "../../data/_image_data.ts";
import type { Image, ImageData } from "../../data/image.ts";
import { newArray } from "../../stage/_arrays.ts";
import { cropImage } from "./crop_image.ts";

/** How many pixels are added on each side; none on a side that isn't given. */
export interface Sides {
  /** Rows above. */
  readonly top?: number;
  /** Pixels to the right of each row. */
  readonly right?: number;
  /** Rows below. */
  readonly bottom?: number;
  /** Pixels to the left of each row. */
  readonly left?: number;
}

/**
 * What is added: one pixel everywhere (`"constant"`), the outermost pixels (`"edge"`), or the mirrored image, without its
 * outermost pixels (`"reflect"`) or with them (`"symmetric"`).
 */
export type PadMode = "constant" | "edge" | "reflect" | "symmetric";

/** Options of {@linkcode padImage}. */
export interface PadImageOptions {
  /** How many pixels are added on each side, or on some. */
  readonly padding: number | Sides;
  /**
   * What is added.
   *
   * @default {"constant"}
   */
  readonly mode?: PadMode;
  /**
   * The samples of the pixel of the mode `"constant"`: one number, or one for each channel.
   *
   * @default {0}
   */
  readonly fill?: number | readonly number[];
}

/**
 * Pads an image, exactly like torchvision's `pad` of Pillow's images. An image that is mirrored is so again and again,
 * where one mirror image isn't enough.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { padImage } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(1, 2, 3), height: 1, width: 3, channels: 1 };
 * const pad = (mode: "edge" | "reflect" | "symmetric") =>
 *   padImage(image, { padding: { left: 2 }, mode }).data;
 * assertEquals(padImage(image, { padding: { left: 2 } }).data, Uint8Array.of(0, 0, 1, 2, 3));
 * assertEquals(pad("edge"), Uint8Array.of(1, 1, 1, 2, 3));
 * assertEquals(pad("reflect"), Uint8Array.of(3, 2, 1, 2, 3));
 * assertEquals(pad("symmetric"), Uint8Array.of(2, 1, 1, 2, 3));
 * ```
 *
 * @typeParam D The type of the image's array.
 * @param image The image, of any number of channels.
 * @param options How much is added, and what.
 * @returns The padded image, of the same type and channels; the image itself where nothing is added.
 * @throws {RangeError} When the padding is not of integers of at least 0, the mode is unknown, `fill` is not finite, not
 * one number for each channel or, for an image of bytes, not a byte; or when the image's shape does not fit its data.
 */
export function padImage<D extends ImageData>(
  image: Image<D>,
  { padding, mode = "constant", fill = 0 }: PadImageOptions,
): Image<D> {
  const { top = 0, right = 0, bottom = 0, left = 0 } = typeof padding === "number"
    ? { top: padding, right: padding, bottom: padding, left: padding }
    : padding;
  for (const pixels of [top, right, bottom, left]) {
    checkInteger(`pad by ${pixels} pixels`, "padding", pixels);
  }
  const findIndex = INDICES[mode];
  if (!Object.hasOwn(INDICES, mode)) {
    throw new RangeError(
      `Cannot pad by the mode "${mode}": there are ${
        Object.keys(INDICES).slice(0, -1).join(", ")
      } and symmetric`,
    );
  }
  checkImage(image);
  const height = top + image.height + bottom;
  const width = left + image.width + right;
  if (!findIndex) return cropImage(image, { top: -top, left: -left, height, width, fill });
  if (height === image.height && width === image.width) return image;

  const { data, channels } = image;
  const output = newArray(data, height * width * channels);
  const columns = Int32Array.from(
    { length: width },
    (_, column) => findIndex(column - left, image.width) * channels,
  );
  const rowLength = width * channels;
  for (let row = 0; row < image.height; row++) {
    const from = row * image.width * channels;
    const at = (row + top) * rowLength;
    output.set(data.subarray(from, from + image.width * channels), at + left * channels);
    for (let column = 0; column < width; column++) {
      // What lies between is there already.
      if (column === left) column += image.width;
      if (column >= width) break;
      for (let c = 0; c < channels; c++) {
        output[at + column * channels + c] = data[from + columns[column]! + c]!;
      }
    }
  }
  for (let row = 0; row < height; row++) {
    if (row === top) row += image.height;
    if (row >= height) break;
    const from = (findIndex(row - top, image.height) + top) * rowLength;
    output.copyWithin(row * rowLength, from, from + rowLength);
  }
  return { data: output, height, width, channels };
}

/** The index, from 0 to below `length`, of what is shown at any index. */
const INDICES: Readonly<
  Record<PadMode, ((index: number, length: number) => number) | undefined>
> = {
  constant: undefined,
  edge: (index, length) => Math.min(Math.max(index, 0), length - 1),
  reflect: (index, length) => length === 1 ? 0 : fold(index, 2 * length - 2, length, 0),
  symmetric: (index, length) => fold(index, 2 * length, length, 1),
};

/** Finds the index in a line that goes forth and back with a period; what is last is shown `1 + twice` times. */
function fold(index: number, period: number, length: number, twice: 0 | 1): number {
  const within = ((index % period) + period) % period;
  return within < length ? within : period - twice - within;
}
