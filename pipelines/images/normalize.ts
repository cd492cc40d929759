/**
 * Turns images into floats around zero, by a scale, a mean and a standard deviation.
 *
 * @module
 */

import { checkImage } from "../data/_image_data.ts";
import type { Example } from "../data/example.ts";
import type { Image } from "../data/image.ts";
import type { Allocate } from "../stage/allocate.ts";
import type { Stage } from "../stage/stage.ts";
import { LookUp } from "./_look_up.ts";
import { mapImages } from "./_map_images.ts";
import { checkNumbers, copyNumbers, expandNumbers } from "./operations/_per_channel.ts";

export { StageError } from "../stage/stage_error.ts";

/** Options of {@linkcode normalize}. */
export interface NormalizeOptions {
  /**
   * The factor of each sample.
   *
   * @default {1 / 255}
   */
  readonly scale?: number;
  /**
   * The mean, which is then subtracted: one number, or one for each channel.
   *
   * @default {0}
   */
  readonly mean?: number | readonly number[];
  /**
   * The standard deviation, which is then divided by: one number, or one for each channel.
   *
   * @default {1}
   */
  readonly std?: number | readonly number[];
}

/**
 * Turns samples into floats around zero: `(sample * scale - mean) / std`, calculated in double precision and
 * rounded once. Without options, bytes become numbers from 0 to 1. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, normalize } from "@rill/rill/pipelines";
 *
 * const example: Example = {
 *   image: { data: Uint8Array.of(0, 255), height: 1, width: 2, channels: 1 },
 *   label: 0,
 * };
 * const [result] = await collect(
 *   normalize({ mean: 0.5, std: 0.5 })(ReadableStream.from([example])),
 * );
 * assertEquals(result?.image.data, Float32Array.of(-1, 1));
 * ```
 *
 * @param options The numbers of the formula.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that has another number of channels than
 * `mean` or `std`, or whose shape does not fit its data.
 * @throws {RangeError} When a number is not finite, `std` is not above 0, or an array is empty.
 */
export function normalize(
  { scale = 1 / 255, mean = 0, std = 1 }: NormalizeOptions = {},
): Stage<Example, Example<Float32Array<ArrayBuffer>>> {
  checkNumbers("normalize by", "scale", scale);
  checkNumbers("normalize by", "mean", mean);
  checkNumbers("normalize by", "std", std, 0);
  const numbers = { scale, mean: copyNumbers(mean), std: copyNumbers(std) };
  return (source) => {
    let formula: Formula | undefined;
    return mapImages("normalize", (image: Image, allocate) => {
      checkImage(image);
      if (formula?.means.length !== image.channels) formula = prepareFormula(image, numbers);
      return normalizeInto(image, formula, allocate);
    }, { copies: true })(source);
  };
}

/** The formula's numbers, channel by channel, and its results for bytes. */
interface Formula {
  readonly scale: number;
  readonly means: readonly number[];
  readonly stds: readonly number[];
  readonly bytes: LookUp;
}

function prepareFormula(image: Image, { scale, mean, std }: Required<NormalizeOptions>): Formula {
  const { channels } = image;
  const means = expandNumbers(image, "mean", mean);
  const stds = expandNumbers(image, "std", std);
  const table = Float32Array.from({ length: 256 * channels }, (_, i) => {
    const channel = i >> 8;
    return ((i & 255) * scale - means[channel]!) / stds[channel]!;
  });
  return { scale, means, stds, bytes: new LookUp(table, channels) };
}

function normalizeInto(
  { data, height, width, channels }: Image,
  { scale, means, stds, bytes }: Formula,
  allocate: Allocate,
): Image<Float32Array<ArrayBuffer>> {
  const output = allocate(NO_FLOATS, data.length);
  if (data instanceof Uint8Array) {
    bytes.write(data, output);
  } else {
    for (let channel = 0; channel < channels; channel++) {
      const mean = means[channel]!;
      const std = stds[channel]!;
      for (let i = channel; i < data.length; i += channels) {
        output[i] = (data[i]! * scale - mean) / std;
      }
    }
  }
  return { data: output, height, width, channels };
}

const NO_FLOATS = new Float32Array();
