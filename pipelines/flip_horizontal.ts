import { checkNumber } from "./_check_number.ts";
import { drawing } from "./_draws.ts";
import { mapItems } from "./_map_items.ts";
import { withImage } from "./_with_image.ts";
import type { Example } from "./example.ts";
import { flipImage } from "./flip_image.ts";
import type { ImageData } from "./image.ts";
import type { RandomOptions } from "./random_options.ts";

/** Options of {@linkcode flipHorizontal}. */
export interface FlipHorizontalOptions extends RandomOptions {
  /**
   * The chance of an image to be mirrored, from 0 to 1.
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
 * const [{ image }] = await collect(flip(ReadableStream.from([example])));
 * assertEquals(image.data, Uint8Array.of(2, 1));
 * ```
 *
 * @param options The chance, and what decides.
 * @returns The stage. An image to be mirrored whose shape does not fit its data fails the stream with a
 * {@linkcode StageError}.
 * @throws {RangeError} When `probability` is not a number from 0 to 1, or `seed` or `epoch` not a whole number of at
 * least 0.
 */
export function flipHorizontal(
  { probability = 0.5, ...random }: FlipHorizontalOptions,
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Example<D>> {
  checkNumber(`flip with probability ${probability}`, "probability", probability, {
    min: 0,
    max: 1,
  });
  const drawsOf = drawing("flipHorizontal", "flip", random);
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    mapItems(
      "flip",
      (example: Example<D>, index) =>
        drawsOf(index).unit() < probability
          ? withImage(example, flipImage(example.image))
          : example,
    )(source);
}
