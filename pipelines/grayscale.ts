import { checkChannels } from "./_check_channels.ts";
import { checkWhole } from "./_check_whole.ts";
import { checkImage, newData } from "./_image_data.ts";
import { luma } from "./_luma.ts";
import { mapItems } from "./_map_items.ts";
import { repeatChannel } from "./_repeat_channel.ts";
import { withImage } from "./_with_image.ts";
import type { Example } from "./example.ts";
import type { Image, ImageData } from "./image.ts";

/** Options of {@linkcode grayscale}. */
export interface GrayscaleOptions {
  /**
   * How many channels the results have, all the same.
   *
   * @default {1}
   */
  readonly channels?: number;
}

/**
 * Takes the colour from RGB images: each pixel becomes its luma, 0.299 R + 0.587 G + 0.114 B. Bytes are exactly those of
 * Pillow's `convert("L")` and torchvision's `Grayscale` of Pillow's images. An example that is gray already and has the
 * channels is passed on as it is. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, grayscale } from "@rill/rill/pipelines";
 *
 * const example: Example = {
 *   image: { data: Uint8Array.of(255, 0, 0, 0, 255, 0), height: 1, width: 2, channels: 3 },
 *   label: 0,
 * };
 * const [{ image }] = await collect(grayscale()(ReadableStream.from([example])));
 * assertEquals(image, { data: Uint8Array.of(76, 150), height: 1, width: 2, channels: 1 });
 * ```
 *
 * @param options How many channels the results have.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that has not 1 or 3 channels, or whose shape does
 * not fit its data.
 * @throws {RangeError} When `channels` is not a whole number of at least 1.
 */
export function grayscale(
  { channels = 1 }: GrayscaleOptions = {},
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Example<D>> {
  checkWhole(`grayscale to ${channels} channels`, "number", channels, { min: 1 });
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    mapItems("grayscale", (example: Example<D>) => {
      const { image } = example;
      checkImage(image);
      checkChannels(image, 1, 3);
      return withImage(
        example,
        repeatChannel(image.channels === 1 ? image : gray(image), channels),
      );
    })(source);
}

function gray<D extends ImageData>({ data, height, width }: Image<D>): Image<D> {
  const output = newData(data, height * width);
  if (data instanceof Uint8Array) {
    for (let i = 0, at = 0; i < output.length; i++, at += 3) {
      output[i] = luma(data[at], data[at + 1], data[at + 2]);
    }
  } else {
    for (let i = 0, at = 0; i < output.length; i++, at += 3) {
      output[i] = 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
    }
  }
  return { data: output, height, width, channels: 1 };
}
