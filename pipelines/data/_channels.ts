import { pluralize } from "../_arguments/text.ts";
import type { Image } from "./image.ts";

/**
 * Refuses an image of another number of channels.
 *
 * @throws {RangeError} As `the image has 4 channels where there must be 1 or 3`.
 */
export function checkChannels({ channels }: Image, ...allowed: readonly number[]): void {
  if (allowed.includes(channels)) return;
  throw new RangeError(
    `the image has ${pluralize(channels, "channel")} where there must be ${allowed.join(" or ")}`,
  );
}

/**
 * Refuses an image that has not one channel for each of the numbers that its channels are changed by.
 *
 * @param noun The name of one of the numbers: `mean`.
 * @throws {RangeError} As `the image has 3 channels where there is 1 mean`.
 */
export function checkPerChannel({ channels }: Image, count: number, noun: string): void {
  if (channels === count) return;
  const numbers = `${count === 1 ? "is" : "are"} ${pluralize(count, noun)}`;
  throw new RangeError(`the image has ${pluralize(channels, "channel")} where there ${numbers}`);
}

/** Calculates the luma of a pixel of bytes as Pillow does: with the weights of ITU-R BT.601 in 16 bits, rounded. */
export const toLuma = (r: number, g: number, b: number): number =>
  r * 19595 + g * 38470 + b * 7471 + 0x8000 >> 16;
