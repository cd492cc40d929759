import { plural } from "./_plural.ts";
import type { Image } from "./image.ts";

/**
 * Refuses an image of another number of channels.
 *
 * @throws {RangeError} As `the image has 4 channels where there must be 1 or 3`.
 */
export function checkChannels({ channels }: Image, ...allowed: readonly number[]): void {
  if (allowed.includes(channels)) return;
  throw new RangeError(
    `the image has ${plural(channels, "channel")} where there must be ${allowed.join(" or ")}`,
  );
}
