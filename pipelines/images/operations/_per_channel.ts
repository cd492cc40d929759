import { formatNumbers } from "../../_arguments/text.ts";
import { checkPerChannel } from "../../data/_channels.ts";
import type { Image } from "../../data/image.ts";

/** One number for all channels, or one for each. */
export type PerChannel = number | readonly number[];

/**
 * Refuses numbers that are not finite, and an empty list, when the stage is made.
 *
 * @param action The action that was asked for: `crop with`.
 * @param name The name of the numbers: `fill`.
 * @param above The number that each must be above, if any.
 * @throws {RangeError} As `Cannot crop with the fill NaN: it must be finite`.
 */
export function checkNumbers(
  action: string,
  name: string,
  value: PerChannel,
  above = -Infinity,
): void {
  const numbers = typeof value === "number" ? [value] : value;
  const areValid = numbers.every((x) => Number.isFinite(x) && x > above);
  if (areValid && numbers.length > 0) return;
  const wanted = areValid
    ? "have a number for each channel"
    : above === -Infinity
    ? "be finite"
    : `be finite and above ${above}`;
  throw new RangeError(`Cannot ${action} the ${name} ${formatNumbers(value)}: it must ${wanted}`);
}

/** Copies numbers that are used long after the caller may have changed the array. */
export const copyNumbers = (value: PerChannel): PerChannel =>
  typeof value === "number" ? value : [...value];

/**
 * Gives a number for each channel of an image.
 *
 * @param name The name of one of the numbers: `fill`.
 * @throws {RangeError} When there are fewer or more than the image has channels.
 */
export function expandNumbers(image: Image, name: string, value: PerChannel): readonly number[] {
  if (typeof value === "number") return new Array<number>(image.channels).fill(value);
  checkPerChannel(image, value.length, name);
  return value;
}

/**
 * Gives the samples of a pixel that an image is filled with.
 *
 * @param name The name of one of the numbers: `fill`.
 * @throws {RangeError} When there are fewer or more than the image has channels, or the image is of bytes and they are
 * not.
 */
export function expandFill(image: Image, name: string, value: PerChannel): readonly number[] {
  const samples = expandNumbers(image, name, value);
  if (image.data instanceof Uint8Array) {
    const bad = samples.find((sample) =>
      !(Number.isInteger(sample) && sample >= 0 && sample <= 255)
    );
    if (bad !== undefined) {
      throw new RangeError(
        `the image is of bytes where the ${name} is ${bad}, not an integer from 0 to 255`,
      );
    }
  }
  return samples;
}

/** Fills the pixels between two indices of an image's samples. */
export function fillPixels(
  output: Uint8Array | Float32Array,
  samples: readonly number[],
  from: number,
  to: number,
): void {
  const [first = 0] = samples;
  if (samples.every((sample) => sample === first)) {
    output.fill(first, from, to);
  } else {
    for (let i = from; i < to; i += samples.length) output.set(samples, i);
  }
}
