/**
 * Turns RGB images gray, and gray images into RGB.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { checkChannels, toLuma } from "../data/_channels.ts";
import { checkImage, repeatChannel } from "../data/_image_data.ts";
import type { Example } from "../data/example.ts";
import type { Image, ImageData } from "../data/image.ts";
import { newArray } from "../stage/_arrays.ts";
import { stageOf } from "../stage/stage_of.ts";
import { withImage } from "./_map_images.ts";

export { StageError } from "../stage/stage_error.ts";

/** Options of {@linkcode grayscale}. */
export interface GrayscaleOptions {
  /**
   * The number of channels of the results, all the same.
   *
   * @default {1}
   */
  readonly channels?: number;
}

/**
 * Turns RGB images gray: each pixel becomes its toLuma, 0.299 R + 0.587 G + 0.114 B. The bytes are exactly those of
 * Pillow's `convert("L")` and torchvision's `Grayscale` of Pillow's images. An example that is already gray and has
 * the channels is passed on as it is. Holds one example.
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
 * const [result] = await collect(grayscale()(ReadableStream.from([example])));
 * assertEquals(result?.image, { data: Uint8Array.of(76, 150), height: 1, width: 2, channels: 1 });
 * ```
 *
 * @param options The number of channels of the results.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that has not 1 or 3 channels, or whose shape
 * does not fit its data.
 * @throws {RangeError} When `channels` is not an integer of at least 1.
 */
export function grayscale(
  { channels = 1 }: GrayscaleOptions = {},
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Example<D>> {
  checkInteger(`grayscale to ${channels} channels`, "number", channels, { min: 1 });
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    stageOf({
      name: "grayscale",
      each: (example: Example<D>) => {
        const { image } = example;
        checkImage(image);
        checkChannels(image, 1, 3);
        return withImage(
          example,
          repeatChannel(image.channels === 1 ? image : toGray(image), channels),
        );
      },
    })(source);
}

function toGray<D extends ImageData>({ data, height, width }: Image<D>): Image<D> {
  const output = newArray(data, height * width);
  if (data instanceof Uint8Array) {
    for (let i = 0, at = 0; i < output.length; i++, at += 3) {
      output[i] = toLuma(data[at]!, data[at + 1]!, data[at + 2]!);
    }
  } else {
    for (let i = 0, at = 0; i < output.length; i++, at += 3) {
      output[i] = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
    }
  }
  return { data: output, height, width, channels: 1 };
}

/**
 * Turns gray images into RGB, three channels that are all the same, like Pillow's `convert("RGB")`. An example of three
 * channels is passed on as it is. Holds one example.
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
 * const [result] = await collect(toRgb()(ReadableStream.from([example])));
 * assertEquals(result?.image.data, Uint8Array.of(7, 7, 7, 9, 9, 9));
 * ```
 *
 * @returns The stage. It fails with a {@linkcode StageError} at an image that has not 1 or 3 channels, or whose shape
 * does not fit its data.
 */
export function toRgb(): <D extends ImageData>(
  source: AsyncIterable<Example<D>>,
) => AsyncIterable<Example<D>> {
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    stageOf({
      name: "convert",
      each: (example: Example<D>) => {
        const { image } = example;
        checkImage(image);
        checkChannels(image, 1, 3);
        return withImage(example, image.channels === 1 ? repeatChannel(image, 3) : image);
      },
    })(source);
}
