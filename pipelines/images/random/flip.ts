/**
 * Mirrors images: a single one, or those of a stream at random.
 *
 * @module
 */

import { checkNumber } from "../../_arguments/check_number.ts";
import { checkImage } from "../../data/_image_data.ts";
import type { Example } from "../../data/example.ts";
import type { Image, ImageData } from "../../data/image.ts";
import { seedDraws } from "../../random/_draws.ts";
import { makeRandomStage } from "../../random/_random_stage.ts";
import type { RandomOptions } from "../../random/random_options.ts";
import { withImage } from "../_map_images.ts";
import { mirrorColumns } from "../operations/_reorder_pixels.ts";

export type { RandomOptions } from "../../random/random_options.ts";
export { StageError } from "../../stage/stage_error.ts";

/**
 * Mirrors an image: left becomes right.
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
  return mirrorColumns(image);
}

/** Options of {@linkcode flipHorizontal}. */
export interface FlipHorizontalOptions extends RandomOptions {
  /**
   * The probability that an image is mirrored, from 0 to 1.
   *
   * @default {0.5}
   */
  readonly probability?: number;
}

/**
 * Mirrors images at random: left becomes right. The others are passed on as they are. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, flipHorizontal } from "@rill/rill/pipelines";
 *
 * const example: Example = {
 *   image: { data: Uint8Array.of(1, 2), height: 1, width: 2, channels: 1 },
 *   label: 0,
 * };
 * const flip = flipHorizontal({ probability: 1, seed: 1, epoch: 0 });
 * const [result] = await collect(flip(ReadableStream.from([example])));
 * assertEquals(result?.image.data, Uint8Array.of(2, 1));
 * ```
 *
 * @param options The probability, and the seed where it is not the pipeline's.
 * @returns The stage. An image that is mirrored and whose shape does not fit its data fails the stream with a
 * {@linkcode StageError}.
 * @throws {RangeError} When `probability` is not a number from 0 to 1, or `seed` or `epoch` is not an integer of at
 * least 0.
 */
export function flipHorizontal(
  { probability = 0.5, ...random }: FlipHorizontalOptions = {},
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Example<D>> {
  checkNumber(`flip with probability ${probability}`, "probability", probability, {
    min: 0,
    max: 1,
  });
  const drawsOf = seedDraws("flipHorizontal", "flip", random);
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    makeRandomStage(drawsOf, {
      name: "flip",
      copies: true,
      each: (example: Example<D>, draws, allocate) => {
        if (draws.unit() >= probability) return example;
        checkImage(example.image);
        return withImage(example, mirrorColumns(example.image, allocate));
      },
    })(source);
}
