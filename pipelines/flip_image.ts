import { checkImage, newData } from "./_image_data.ts";
import type { Image, ImageData } from "./image.ts";

/**
 * Mirrors an image: what was left is right.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { flipImage } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), height: 1, width: 2, channels: 3 };
 * assertEquals(flipImage(image).data, Uint8Array.of(4, 5, 6, 1, 2, 3));
 * ```
 *
 * @typeParam D The type of the image's array.
 * @param image The image, of any number of channels.
 * @returns The mirrored image, of the same size, type and channels.
 * @throws {RangeError} When the image's shape does not fit its data.
 */
export function flipImage<D extends ImageData>(image: Image<D>): Image<D> {
  checkImage(image);
  const { data, height, width, channels } = image;
  const output = newData(data, data.length);
  const rowLength = width * channels;
  for (let start = 0; start < data.length; start += rowLength) {
    let to = start + rowLength - channels;
    const end = start + rowLength;
    if (channels === 1) {
      for (let from = start; from < end; from++, to--) output[to] = data[from];
    } else if (channels === 3) {
      for (let from = start; from < end; from += 3, to -= 3) {
        output[to] = data[from];
        output[to + 1] = data[from + 1];
        output[to + 2] = data[from + 2];
      }
    } else {
      for (let from = start; from < end; from += channels, to -= channels) {
        for (let c = 0; c < channels; c++) output[to + c] = data[from + c];
      }
    }
  }
  return { data: output, height, width, channels };
}
