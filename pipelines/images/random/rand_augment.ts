/**
 * RandAugment: several random operations on each image, all of one magnitude.
 *
 * @module
 */

import { checkInteger } from "../../_arguments/check_integer.ts";
import type { Example } from "../../data/example.ts";
import { seedDraws } from "../../random/_draws.ts";
import { makeRandomStage } from "../../random/_random_stage.ts";
import type { RandomOptions } from "../../random/random_options.ts";
import type { Stage } from "../../stage/stage.ts";
import { withImage } from "../_map_images.ts";
import { checkColorBytes } from "../operations/_color_bytes.ts";
import { copyNumbers, expandFill } from "../operations/_per_channel.ts";
import { checkWarp, type WarpMethod, type WarpOptions } from "../operations/_warp_options.ts";
import { checkBins, listUsualOperations } from "./_policy.ts";

export type { RandomOptions } from "../../random/random_options.ts";
export type { WarpMethod, WarpOptions } from "../operations/_warp_options.ts";
export { StageError } from "../../stage/stage_error.ts";

/** Options of {@linkcode randAugment}. */
export interface RandAugmentOptions extends RandomOptions, WarpOptions {
  /**
   * How many operations each image gets, an integer of at least 0. One may come more than once.
   *
   * @default {2}
   */
  readonly operationCount?: number;
  /**
   * How much the operations do: an integer from 0, nothing, to `magnitudeBins - 1`.
   *
   * @default {9}
   */
  readonly magnitude?: number;
  /**
   * How many magnitudes there are, an integer of at least 2.
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
 * Changes each image by a few random operations of one magnitude ("RandAugment: Practical automated data augmentation with a
 * reduced search space", https://arxiv.org/abs/1909.13719). The operations, what each magnitude is for them, and the
 * result, byte for byte, are those of torchvision's `RandAugment` on Pillow's images; only the draws are others. Equally
 * likely are: none; shearing along the rows and along the columns, up to 0.3; moving along each, up to 150/331 of the
 * side; rotating, up to 30 degrees; changing brightness, saturation, contrast and sharpness, by a factor up to 0.9 from 1;
 * posterizing, down to 4 bits; solarizing, down from 255; autocontrast; equalizing. Those with a direction go either way.
 *
 * An image that comes out as it is is passed on. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, randAugment, withSeed } from "@rill/rill/pipelines";
 *
 * const data = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => i);
 * const example: Example<Uint8Array<ArrayBuffer>> = {
 *   image: { data, height: 32, width: 32, channels: 3 },
 *   label: 5,
 * };
 * const [augmented] = await pipe(
 *   ReadableStream.from([example]),
 *   withSeed({ seed: 1, epoch: 0 }),
 *   randAugment({ magnitude: 7 }),
 *   collect,
 * );
 * assertEquals([augmented?.image.data.length, augmented?.label], [32 * 32 * 3, 5]);
 * ```
 *
 * @param options How many operations and how much they do, how an image is sampled, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that is not of bytes, has not 1 or 3 channels,
 * has another number of channels than `fill`, or whose shape does not fit its data.
 * @throws {RangeError} When an option is not an integer in its range, the method is unknown, or `fill` is not finite.
 */
export function randAugment(
  {
    operationCount = 2,
    magnitude = 9,
    magnitudeBins = 31,
    method = "nearest",
    fill = 0,
    ...random
  }: RandAugmentOptions = {},
): Stage<Example<Uint8Array<ArrayBuffer>>, Example<Uint8Array<ArrayBuffer>>> {
  checkInteger(`augment by ${operationCount} operations`, "number", operationCount);
  checkBins(magnitudeBins);
  checkInteger(`augment by a magnitude of ${magnitude}`, "magnitude", magnitude, {
    max: magnitudeBins - 1,
  });
  checkWarp("augment", { method, fill });
  const operations = listUsualOperations();
  const warp = { method, fill: copyNumbers(fill) };
  const drawsOf = seedDraws("randAugment", "augment", random);
  return makeRandomStage(drawsOf, {
    name: "augment",
    each: (example: Example<Uint8Array<ArrayBuffer>>, draws) => {
      let { image } = example;
      checkColorBytes(image);
      expandFill(image, "fill", warp.fill);
      for (let i = 0; i < operationCount; i++) {
        const operation = operations[draws.below(operations.length)]!;
        const sign = draws.below(2) === 1 && operation.signed ? -1 : 1;
        const amount = sign * operation.magnitude(magnitude, magnitudeBins, image);
        image = operation.apply(image, amount, warp);
      }
      return withImage(example, image);
    },
  });
}
