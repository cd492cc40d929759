/**
 * Changes the tones and the sharpness of images, each image or one in so many.
 *
 * @module
 */

import { checkInteger } from "../../_arguments/check_integer.ts";
import { checkNumber } from "../../_arguments/check_number.ts";
import type { Example } from "../../data/example.ts";
import { seedDraws } from "../../random/_draws.ts";
import type { PURPOSES } from "../../random/_purposes.ts";
import { makeRandomStage } from "../../random/_random_stage.ts";
import type { RandomOptions } from "../../random/random_options.ts";
import type { Stage } from "../../stage/stage.ts";
import { withImage } from "../_map_images.ts";
import { type ByteImage, checkColorBytes } from "../operations/_color_bytes.ts";
import { adjustSharpness } from "../operations/sharpness.ts";
import {
  autoContrastImage,
  equalizeImage,
  invertImage,
  posterizeImage,
  solarizeImage,
} from "../operations/tones.ts";

export type { RandomOptions } from "../../random/random_options.ts";
export { StageError } from "../../stage/stage_error.ts";

/** A stage from examples of bytes to such. */
export type ByteExamplesStage = Stage<
  Example<Uint8Array<ArrayBuffer>>,
  Example<Uint8Array<ArrayBuffer>>
>;

/** What the stages that change tones at random share. */
export interface RandomToneOptions extends RandomOptions {
  /**
   * The probability that an image is changed, from 0 to 1.
   *
   * @default {0.5}
   */
  readonly probability?: number;
}

/** Options of {@linkcode randomPosterize}. */
export interface RandomPosterizeOptions extends RandomToneOptions {
  /** How many bits of each byte are kept, an integer from 0 to 8. */
  readonly bits: number;
}

/** Options of {@linkcode randomSolarize}. */
export interface RandomSolarizeOptions extends RandomToneOptions {
  /** The least byte that is inverted, from 0 to 256. */
  readonly threshold: number;
}

/** Options of {@linkcode randomSharpness}. */
export interface RandomSharpnessOptions extends RandomToneOptions {
  /** The factor of sharpness: 0 for a smoothed image, 1 for the image itself, above 1 for a sharper one. */
  readonly factor: number;
}

/**
 * Stretches the tones of images at random over all bytes, as torchvision's `RandomAutocontrast` does: see
 * {@linkcode autoContrastImage}. Those that do not change are passed on. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, randomAutoContrast, withSeed } from "@rill/rill/pipelines";
 *
 * const data = Uint8Array.of(50, 100, 150);
 * const examples = [{ image: { data, height: 1, width: 3, channels: 1 }, label: 0 }];
 * const stage = randomAutoContrast({ probability: 1 });
 * const [result] = await pipe(ReadableStream.from(examples), withSeed({ seed: 1 }), stage, collect);
 * assertEquals(result?.image.data, Uint8Array.of(0, 127, 255));
 * ```
 *
 * @param options How often, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that is not of bytes, has not 1 or 3 channels, or
 * whose shape does not fit its data.
 * @throws {RangeError} When `probability` is not a number from 0 to 1, or `seed` or `epoch` is not an integer of at
 * least 0.
 */
export function randomAutoContrast(
  options: RandomToneOptions = {},
): ByteExamplesStage {
  return changeAtRandom("randomAutoContrast", "stretch", options, autoContrastImage);
}

/**
 * Equalizes the tones of images at random, as torchvision's `RandomEqualize` does: see {@linkcode equalizeImage}. Those that do not change are passed on. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, randomEqualize, withSeed } from "@rill/rill/pipelines";
 *
 * const data = Uint8Array.from({ length: 768 }, (_, i) => 100 + i % 3);
 * const examples = [{ image: { data, height: 24, width: 32, channels: 1 }, label: 0 }];
 * const stage = randomEqualize({ probability: 1 });
 * const [result] = await pipe(ReadableStream.from(examples), withSeed({ seed: 1 }), stage, collect);
 * assertEquals(result?.image.data.subarray(0, 3), Uint8Array.of(0, 128, 255));
 * ```
 *
 * @param options How often, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that is not of bytes, has not 1 or 3 channels, or
 * whose shape does not fit its data.
 * @throws {RangeError} When `probability` is not a number from 0 to 1, or `seed` or `epoch` is not an integer of at
 * least 0.
 */
export function randomEqualize(
  options: RandomToneOptions = {},
): ByteExamplesStage {
  return changeAtRandom("randomEqualize", "equalize", options, equalizeImage);
}

/**
 * Inverts images at random, so that black becomes white, as torchvision's `RandomInvert` does: see
 * {@linkcode invertImage}. Those that do not change are passed on. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, randomInvert, withSeed } from "@rill/rill/pipelines";
 *
 * const data = Uint8Array.of(0, 100, 255);
 * const examples = [{ image: { data, height: 1, width: 3, channels: 1 }, label: 0 }];
 * const stage = randomInvert({ probability: 1 });
 * const [result] = await pipe(ReadableStream.from(examples), withSeed({ seed: 1 }), stage, collect);
 * assertEquals(result?.image.data, Uint8Array.of(255, 155, 0));
 * ```
 *
 * @param options How often, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that is not of bytes, has not 1 or 3 channels, or
 * whose shape does not fit its data.
 * @throws {RangeError} When `probability` is not a number from 0 to 1, or `seed` or `epoch` is not an integer of at
 * least 0.
 */
export function randomInvert(
  options: RandomToneOptions = {},
): ByteExamplesStage {
  return changeAtRandom("randomInvert", "invert", options, invertImage);
}

/**
 * Keeps only the first bits of each byte of images at random, as torchvision's `RandomPosterize` does: see
 * {@linkcode posterizeImage}. Those that do not change are passed on. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, randomPosterize, withSeed } from "@rill/rill/pipelines";
 *
 * const data = Uint8Array.of(0, 100, 255);
 * const examples = [{ image: { data, height: 1, width: 3, channels: 1 }, label: 0 }];
 * const stage = randomPosterize({ bits: 2, probability: 1 });
 * const [result] = await pipe(ReadableStream.from(examples), withSeed({ seed: 1 }), stage, collect);
 * assertEquals(result?.image.data, Uint8Array.of(0, 64, 192));
 * ```
 *
 * @param options The strength, how often, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that is not of bytes, has not 1 or 3 channels, or
 * whose shape does not fit its data.
 * @throws {RangeError} When `bits` is not an integer from 0 to 8, `probability` is not a number from 0 to 1, or `seed` or `epoch` is not an integer of at
 * least 0.
 */
export function randomPosterize(
  { bits, ...random }: RandomPosterizeOptions,
): ByteExamplesStage {
  checkInteger(`posterize to ${bits} bits`, "number of bits", bits, { max: 8 });
  return changeAtRandom(
    "randomPosterize",
    "posterize",
    random,
    (image) => posterizeImage(image, bits),
  );
}

/**
 * Inverts the bytes of images from a threshold on at random, as torchvision's `RandomSolarize` does: see
 * {@linkcode solarizeImage}. Those that do not change are passed on. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, randomSolarize, withSeed } from "@rill/rill/pipelines";
 *
 * const data = Uint8Array.of(0, 100, 255);
 * const examples = [{ image: { data, height: 1, width: 3, channels: 1 }, label: 0 }];
 * const stage = randomSolarize({ threshold: 100, probability: 1 });
 * const [result] = await pipe(ReadableStream.from(examples), withSeed({ seed: 1 }), stage, collect);
 * assertEquals(result?.image.data, Uint8Array.of(0, 155, 0));
 * ```
 *
 * @param options The strength, how often, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that is not of bytes, has not 1 or 3 channels, or
 * whose shape does not fit its data.
 * @throws {RangeError} When `threshold` is not a number from 0 to 256, `probability` is not a number from 0 to 1, or `seed` or `epoch` is not an integer of at
 * least 0.
 */
export function randomSolarize(
  { threshold, ...random }: RandomSolarizeOptions,
): ByteExamplesStage {
  checkNumber(`solarize from ${threshold}`, "threshold", threshold, { min: 0, max: 256 });
  return changeAtRandom(
    "randomSolarize",
    "solarize",
    random,
    (image) => solarizeImage(image, threshold),
  );
}

/**
 * Sharpens or smooths images at random, as torchvision's `RandomAdjustSharpness` does: see
 * {@linkcode adjustSharpness}. Those that do not change are passed on. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, randomSharpness, withSeed } from "@rill/rill/pipelines";
 *
 * const data = Uint8Array.of(9, 9, 9, 9, 22, 9, 9, 9, 9);
 * const examples = [{ image: { data, height: 3, width: 3, channels: 1 }, label: 0 }];
 * const stage = randomSharpness({ factor: 0, probability: 1 });
 * const [result] = await pipe(ReadableStream.from(examples), withSeed({ seed: 1 }), stage, collect);
 * assertEquals(result?.image.data[4], 14); // The mean, where the middle counts five times.
 * ```
 *
 * @param options The strength, how often, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that is not of bytes, has not 1 or 3 channels, or
 * whose shape does not fit its data.
 * @throws {RangeError} When `factor` is not a number of at least 0, `probability` is not a number from 0 to 1, or `seed` or `epoch` is not an integer of at
 * least 0.
 */
export function randomSharpness(
  { factor, ...random }: RandomSharpnessOptions,
): ByteExamplesStage {
  checkNumber(`sharpen by ${factor}`, "factor", factor, { min: 0 });
  return changeAtRandom(
    "randomSharpness",
    "sharpen",
    random,
    (image) => adjustSharpness(image, factor),
  );
}

function changeAtRandom(
  stage: keyof typeof PURPOSES,
  verb: string,
  { probability = 0.5, ...random }: RandomToneOptions,
  change: (image: ByteImage) => ByteImage,
): ByteExamplesStage {
  checkNumber(`${verb} with probability ${probability}`, "probability", probability, {
    min: 0,
    max: 1,
  });
  return makeRandomStage(seedDraws(stage, verb, random), {
    name: verb,
    each: (example: Example<Uint8Array<ArrayBuffer>>, draws) => {
      const { image } = example;
      checkColorBytes(image);
      return draws.unit() < probability ? withImage(example, change(image)) : example;
    },
  });
}
