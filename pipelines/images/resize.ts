/**
 * Resizes images, exactly like Pillow: a single one, or those of a stream.
 *
 * @module
 */

import type { Example } from "../data/example.ts";
import type { Image, ImageData } from "../data/image.ts";
import { newArray } from "../stage/_arrays.ts";
import { mapImages } from "./_map_images.ts";
import { resizeInto } from "./_resample/resize_into.ts";
import { checkResize, type ResizeOptions } from "./_resample/resize_options.ts";

export { StageError } from "../stage/stage_error.ts";
export type { ResizeMethod, ResizeOptions } from "./_resample/resize_options.ts";

/**
 * Resizes the images of examples as {@linkcode resizeImage} does: bilinearly unless another method is chosen, and on
 * bytes exactly like Pillow. An example that already has the size is passed on as it is. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, resize } from "@rill/rill/pipelines";
 *
 * const example: Example = {
 *   image: { data: new Uint8Array(28 * 28), height: 28, width: 28, channels: 1 },
 *   label: 9,
 * };
 * const examples = resize({ height: 224, width: 224 })(ReadableStream.from([example]));
 * const [result] = await collect(examples);
 * assertEquals([result?.image.height, result?.image.width], [224, 224]);
 * ```
 *
 * @param options The size of the results, and the method.
 * @returns The stage. An image whose shape does not fit its data fails the stream with a {@linkcode StageError}.
 * @throws {RangeError} When a size is not an integer of at least 1, or the method is unknown.
 */
export function resize(
  { height, width, method = "bilinear" }: ResizeOptions,
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Example<D>> {
  const options = { height, width, method };
  checkResize(options);
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    mapImages(
      "resize",
      (image: Image<D>, allocate) => resizeInto(image, options, allocate),
      { copies: true },
    )(source);
}

/**
 * Resizes an image exactly like Pillow, and so like torchvision on Pillow's images. The interpolating methods resample
 * first the columns, then the rows; bytes are rounded and clipped after each, with weights of 22 bits; floats are like
 * Pillow's of mode F.
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
 * @param options The size of the result, and the method.
 * @returns The image in the other size, of the same type and channels; the image itself where that is its size.
 * @throws {RangeError} When a size is not an integer of at least 1, the method is unknown, or the image's shape does
 * not fit its data.
 */
export function resizeImage<D extends ImageData>(
  image: Image<D>,
  { height, width, method = "bilinear" }: ResizeOptions,
): Image<D> {
  checkResize({ height, width, method });
  return resizeInto(image, { height, width, method }, newArray);
}
