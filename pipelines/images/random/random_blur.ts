/**
 * Blurs images at random.
 *
 * @module
 */

import { checkInteger } from "../../_arguments/check_integer.ts";
import { checkNumber, checkRange } from "../../_arguments/check_number.ts";
import type { Example } from "../../data/example.ts";
import type { ImageData } from "../../data/image.ts";
import { seedDraws } from "../../random/_draws.ts";
import { makeRandomStage } from "../../random/_random_stage.ts";
import type { RandomOptions } from "../../random/random_options.ts";
import type { Range } from "../_box.ts";
import { withImage } from "../_map_images.ts";
import { gaussianBlurImage } from "../operations/gaussian_blur.ts";

export type { RandomOptions } from "../../random/random_options.ts";
export { StageError } from "../../stage/stage_error.ts";

/** Options of {@linkcode randomBlur}. */
export interface RandomBlurOptions extends RandomOptions {
  /** How many pixels are weighed in a row and in a column, an odd number; or those of a column and those of a row. */
  readonly kernelSize: number | readonly [height: number, width: number];
  /**
   * The standard deviation in pixels, above 0; or the least and the greatest.
   *
   * @default {[0.1, 2]}
   */
  readonly sigma?: number | readonly [number, number];
  /**
   * The probability that an image is blurred, from 0 to 1.
   *
   * @default {1}
   */
  readonly probability?: number;
}

/**
 * Blurs images by Gaussian kernels of a random standard deviation, all of a range being equally likely, as torchvision's
 * `GaussianBlur` does: see {@linkcode gaussianBlurImage}. Those that do not change are passed on. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, randomBlur, withSeed } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(0, 0, 100, 0, 0), height: 1, width: 5, channels: 1 };
 * const examples: Example[] = [{ image, label: 0 }];
 * const [blurred] = await pipe(
 *   ReadableStream.from(examples),
 *   withSeed({ seed: 1 }),
 *   randomBlur({ kernelSize: [1, 3], sigma: 0.8 }),
 *   collect,
 * );
 * assertEquals(blurred?.image.data, Uint8Array.of(0, 24, 52, 24, 0));
 * ```
 *
 * @param options The kernel, how often, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that is smaller than half of the kernel, or that is
 * blurred and whose shape does not fit its data.
 * @throws {RangeError} When a size of the kernel is not an odd integer of at least 1, `sigma` is not a number above 0 or
 * two in order, `probability` not one from 0 to 1, or `seed` or `epoch` not an integer of at least 0.
 */
export function randomBlur(
  { kernelSize, sigma = [0.1, 2], probability = 1, ...random }: RandomBlurOptions,
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Example<D>> {
  const kernel = typeof kernelSize === "number"
    ? [kernelSize, kernelSize] as const
    : [kernelSize[0], kernelSize[1]] as const;
  for (const size of kernel) {
    checkInteger(`blur with a kernel of ${size}`, "size", size, { min: 1 });
    if (size % 2 === 1) continue;
    throw new RangeError(`Cannot blur with a kernel of ${size}: the size must be odd`);
  }
  const sigmas: Range = typeof sigma === "number" ? [sigma, sigma] : [sigma[0], sigma[1]];
  checkRange("blur", "sigma", sigmas, { min: 0, open: true });
  checkNumber(`blur with probability ${probability}`, "probability", probability, {
    min: 0,
    max: 1,
  });
  const drawsOf = seedDraws("randomBlur", "blur", random);
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    makeRandomStage(drawsOf, {
      name: "blur",
      each: (example: Example<D>, draws) => {
        if (draws.unit() >= probability) return example;
        const options = { kernelSize: kernel, sigma: draws.between(sigmas) };
        return withImage(example, gaussianBlurImage(example.image, options));
      },
    })(source);
}
