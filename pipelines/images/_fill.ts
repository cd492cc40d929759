import { plural } from "../_arguments/plural.ts";
import type { Image } from "../data/image.ts";

/** What samples are set to: one number, or one for each channel. */
export type Fill = number | readonly number[];

/**
 * Refuses what is not finite, at the call that says it.
 *
 * @throws {RangeError} As `Cannot crop with the fill NaN: it must be finite`.
 */
export function checkFill(verb: string, name: string, fill: Fill): void {
  const isList = typeof fill !== "number";
  const areFinite = isList ? fill.every(Number.isFinite) : Number.isFinite(fill);
  if (areFinite && !(isList && fill.length === 0)) return;
  throw new RangeError(
    `Cannot ${verb} with the ${name} ${isList ? `[${fill.join(", ")}]` : fill}: it must ${
      areFinite ? "have a number for each channel" : "be finite"
    }`,
  );
}

/**
 * The number for each channel of an image.
 *
 * @throws {RangeError} When they are not as many as the channels, or the image is of bytes and they aren't.
 */
export function fillOf({ data, channels }: Image, name: string, fill: Fill): readonly number[] {
  const values = typeof fill === "number" ? new Array<number>(channels).fill(fill) : fill;
  if (values.length !== channels) {
    const verb = values.length === 1 ? "is" : "are";
    throw new RangeError(
      `the image has ${plural(channels, "channel")} where there ${verb} ${
        plural(values.length, name)
      }`,
    );
  }
  if (data instanceof Uint8Array) {
    const odd = values.find((value) => !(Number.isInteger(value) && value >= 0 && value <= 255));
    if (odd !== undefined) {
      throw new RangeError(`the image is of bytes and the ${name} ${odd} is none`);
    }
  }
  return values;
}

/** Fills the pixels from one sample's index to another's. */
export function fillPixels(
  output: Uint8Array | Float32Array,
  values: readonly number[],
  from: number,
  to: number,
): void {
  if (values.every((value) => value === values[0])) {
    output.fill(values[0], from, to);
  } else {
    for (let i = from; i < to; i += values.length) output.set(values, i);
  }
}
