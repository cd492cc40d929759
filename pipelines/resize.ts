import { checkSize } from "./_check_size.ts";
import { mapItems } from "./_map_items.ts";
import type { Example } from "./example.ts";
import type { ImageData } from "./image.ts";
import { resizeImage, type ResizeOptions } from "./resize_image.ts";

/**
 * Resizes the images of examples, bilinearly and with antialiasing, as {@linkcode resizeImage} does. An example that has
 * the size already is passed on as it is. Holds one example.
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
 * @param options The size of the results.
 * @returns The stage. An image whose shape does not fit its data fails the stream with a {@linkcode StageError}.
 * @throws {RangeError} When a size is not a whole number of at least 1.
 */
export function resize(
  { height, width }: ResizeOptions,
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Example<D>> {
  checkSize({ height, width });
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    mapItems("resize", (example: Example<D>): Example<D> => {
      const image = resizeImage(example.image, { height, width });
      return image === example.image ? example : { image, label: example.label };
    })(source);
}
