/**
 * TrivialAugment: one random operation on each image, of a random magnitude.
 *
 * @module
 */

import type { Example } from "../../data/example.ts";
import { seedDraws } from "../../random/_draws.ts";
import { makeRandomStage } from "../../random/_random_stage.ts";
import type { RandomOptions } from "../../random/random_options.ts";
import type { Stage } from "../../stage/stage.ts";
import { withImage } from "../_map_images.ts";
import { checkColorBytes } from "../operations/_color_bytes.ts";
import { copyNumbers, expandFill } from "../operations/_per_channel.ts";
import { checkWarp, type WarpMethod, type WarpOptions } from "../operations/_warp_options.ts";
import { checkBins, listWideOperations } from "./_policy.ts";

export type { RandomOptions } from "../../random/random_options.ts";
export type { WarpMethod, WarpOptions } from "../operations/_warp_options.ts";
export { StageError } from "../../stage/stage_error.ts";

/** Options of {@linkcode trivialAugment}. */
export interface TrivialAugmentOptions extends RandomOptions, WarpOptions {
  /**
   * How many magnitudes there are to choose from, an integer of at least 2.
   *
   * @default {31}
   */
  readonly magnitudeBins?: number;
  /**
   * The method of finding a sample between pixels, where an image is sheared, moved or rotated.
   *
   * @default {"nearest"}
   */
  readonly method?: WarpMethod;
}

/**
 * Changes each image by one random operation of a random magnitude ("TrivialAugment: Tuning-free Yet State-of-the-Art Data
 * Augmentation", https://arxiv.org/abs/2103.10158, in its wide version). The operations, their magnitudes and the result,
 * byte for byte, are those of torchvision's `TrivialAugmentWide` on Pillow's images; only the draws are others. The
 * operations are those of {@linkcode randAugment}, but go further: shearing up to 0.99, moving up to 32 pixels, rotating up
 * to 135 degrees, factors up to 0.99 from 1, posterizing down to 2 bits.
 *
 * An image that comes out as it is is passed on. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, trivialAugment, withSeed } from "@rill/rill/pipelines";
 *
 * const data = Uint8Array.from({ length: 28 * 28 }, (_, i) => i);
 * const example: Example<Uint8Array<ArrayBuffer>> = {
 *   image: { data, height: 28, width: 28, channels: 1 },
 *   label: 5,
 * };
 * const [augmented] = await pipe(
 *   ReadableStream.from([example]),
 *   withSeed({ seed: 1, epoch: 0 }),
 *   trivialAugment(),
 *   collect,
 * );
 * assertEquals([augmented?.image.data.length, augmented?.label], [28 * 28, 5]);
 * ```
 *
 * @param options How many magnitudes there are, how an image is sampled, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that is not of bytes, has not 1 or 3 channels,
 * has another number of channels than `fill`, or whose shape does not fit its data.
 * @throws {RangeError} When `magnitudeBins` is not an integer of at least 2, `seed` or `epoch` not one of at least 0, the
 * method is unknown, or `fill` is not finite.
 */
export function trivialAugment(
  { magnitudeBins = 31, method = "nearest", fill = 0, ...random }: TrivialAugmentOptions = {},
): Stage<Example<Uint8Array<ArrayBuffer>>, Example<Uint8Array<ArrayBuffer>>> {
  checkBins(magnitudeBins);
  checkWarp("augment", { method, fill });
  const operations = listWideOperations();
  const warp = { method, fill: copyNumbers(fill) };
  const drawsOf = seedDraws("trivialAugment", "augment", random);
  return makeRandomStage(drawsOf, {
    name: "augment",
    each: (example: Example<Uint8Array<ArrayBuffer>>, draws) => {
      const { image } = example;
      checkColorBytes(image);
      expandFill(image, "fill", warp.fill);
      const operation = operations[draws.below(operations.length)]!;
      const level = draws.below(magnitudeBins);
      const sign = draws.below(2) === 1 && operation.signed ? -1 : 1;
      const amount = sign * operation.magnitude(level, magnitudeBins, image);
      return withImage(example, operation.apply(image, amount, warp));
    },
  });
}
