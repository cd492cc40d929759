import { checkImage } from "../data/_image_data.ts";
import type { Allocate } from "../stage/allocate.ts";
import { LookUp } from "./_look_up.ts";
import { mapImages } from "./_map_images.ts";
import { plural } from "../_arguments/plural.ts";
import type { Example } from "../data/example.ts";
import type { Image } from "../data/image.ts";
import type { Stage } from "../stage/stage.ts";

/** Options of {@linkcode normalize}. */
export interface NormalizeOptions {
  /**
   * What each sample is multiplied by.
   *
   * @default {1 / 255}
   */
  readonly scale?: number;
  /**
   * What is subtracted then: one number, or one for each channel.
   *
   * @default {0}
   */
  readonly mean?: number | readonly number[];
  /**
   * What is divided by then: one number, or one for each channel.
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
 * const [{ image }] = await collect(
 *   normalize({ mean: 0.5, std: 0.5 })(ReadableStream.from([example])),
 * );
 * assertEquals(image.data, Float32Array.of(-1, 1));
 * ```
 *
 * @param options The numbers of the formula.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that has another number of channels than `mean`
 * or `std`, or whose shape does not fit its data.
 * @throws {RangeError} When a number is not finite, an std is not above 0, or an array is empty.
 */
export function normalize(
  { scale = 1 / 255, mean = 0, std = 1 }: NormalizeOptions = {},
): Stage<Example, Example<Float32Array<ArrayBuffer>>> {
  check("scale", scale);
  check("mean", mean);
  check("std", std, { above: 0 });
  const numbers = { scale, mean: copy(mean), std: copy(std) };
  return (source) => {
    let formula: Formula | undefined;
    return mapImages("normalize", (image: Image, allocate) => {
      checkImage(image);
      if (formula?.means.length !== image.channels) formula = formulaFor(image.channels, numbers);
      return normalized(image, formula, allocate);
    }, { copies: true })(source);
  };
}

/** The formula's numbers, channel by channel, and its values for bytes. */
interface Formula {
  readonly scale: number;
  readonly means: readonly number[];
  readonly stds: readonly number[];
  readonly bytes: LookUp;
}

function formulaFor(
  channels: number,
  { scale, mean, std }: Required<NormalizeOptions>,
): Formula {
  const means = perChannel("mean", mean, channels);
  const stds = perChannel("std", std, channels);
  const table = Float32Array.from({ length: 256 * channels }, (_, i) => {
    const channel = i >> 8;
    return ((i & 255) * scale - means[channel]) / stds[channel];
  });
  return { scale, means, stds, bytes: new LookUp(table, channels) };
}

function normalized(
  { data, height, width, channels }: Image,
  { scale, means, stds, bytes }: Formula,
  allocate: Allocate,
): Image<Float32Array<ArrayBuffer>> {
  const output = allocate(NO_FLOATS, data.length);
  if (data instanceof Uint8Array) {
    bytes.write(data, output);
  } else {
    for (let channel = 0; channel < channels; channel++) {
      const mean = means[channel];
      const std = stds[channel];
      for (let i = channel; i < data.length; i += channels) {
        output[i] = (data[i] * scale - mean) / std;
      }
    }
  }
  return { data: output, height, width, channels };
}

const NO_FLOATS = new Float32Array();

function perChannel(
  name: string,
  value: number | readonly number[],
  channels: number,
): readonly number[] {
  if (typeof value === "number") return Array.from({ length: channels }, () => value);
  if (value.length === channels) return value;
  const verb = value.length === 1 ? "is" : "are";
  throw new RangeError(
    `the image has ${plural(channels, "channel")} where there ${verb} ${
      plural(value.length, name)
    }`,
  );
}

function check(
  name: string,
  value: number | readonly number[],
  { above = -Infinity }: { above?: number } = {},
): void {
  const numbers = typeof value === "number" ? [value] : value;
  const areGood = numbers.every((x) => Number.isFinite(x) && x > above);
  if (areGood && numbers.length > 0) return;
  const text = typeof value === "number" ? `${value}` : `[${value.join(", ")}]`;
  const wanted = areGood
    ? "have a number for each channel"
    : above === 0
    ? "be finite and above 0"
    : "be finite";
  throw new RangeError(`Cannot normalize by the ${name} ${text}: it must ${wanted}`);
}

/** The options are read at every image, long after the caller may have changed an array. */
const copy = (value: number | readonly number[]): number | readonly number[] =>
  typeof value === "number" ? value : [...value];
