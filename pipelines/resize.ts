import { checkResize } from "./_check_resize.ts";
import { mapImages } from "./_map_images.ts";
import { resized } from "./_resized.ts";
import type { Example } from "./example.ts";
import type { Image, ImageData } from "./image.ts";
import type { ResizeOptions } from "./resize_image.ts";

/**
 * Resizes the images of examples, bilinearly where nothing else is said, as {@linkcode resizeImage} does: on bytes exactly
 * as Pillow. An example that has the size already is passed on as it is. Holds one example.
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
 * const [{ image }] = await collect(examples);
 * assertEquals([image.height, image.width, image.channels], [224, 224, 1]);
 * ```
 *
 * @param options The size of the results, and how to get there.
 * @returns The stage. An image whose shape does not fit its data fails the stream with a {@linkcode StageError}.
 * @throws {RangeError} When a size is not a whole number of at least 1, or there is no such method.
 */
export function resize(
  { height, width, method = "bilinear" }: ResizeOptions,
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Example<D>> {
  const options = { height, width, method };
  checkResize(options);
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    mapImages("resize", (image: Image<D>, into) => resized(image, options, into))(source);
}
