import { checkChannels } from "./_check_channels.ts";
import { checkImage } from "./_image_data.ts";
import { mapItems } from "./_map_items.ts";
import { repeatChannel } from "./_repeat_channel.ts";
import { withImage } from "./_with_image.ts";
import type { Example } from "./example.ts";
import type { ImageData } from "./image.ts";

/**
 * Gives gray images three channels, all the same, as Pillow's `convert("RGB")` does. An example of three channels is passed
 * on as it is. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, toRgb } from "@rill/rill/pipelines";
 *
 * const example: Example = {
 *   image: { data: Uint8Array.of(7, 9), height: 1, width: 2, channels: 1 },
 *   label: 0,
 * };
 * const [{ image }] = await collect(toRgb()(ReadableStream.from([example])));
 * assertEquals(image.data, Uint8Array.of(7, 7, 7, 9, 9, 9));
 * ```
 *
 * @returns The stage. It fails with a {@linkcode StageError} at an image that has not 1 or 3 channels, or whose shape does
 * not fit its data.
 */
export function toRgb(): <D extends ImageData>(
  source: AsyncIterable<Example<D>>,
) => AsyncIterable<Example<D>> {
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    mapItems("convert", (example: Example<D>) => {
      const { image } = example;
      checkImage(image);
      checkChannels(image, 1, 3);
      return withImage(example, image.channels === 1 ? repeatChannel(image, 3) : image);
    })(source);
}
