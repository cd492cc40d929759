import { checkInteger } from "../_arguments/check_integer.ts";
import { plural } from "../_arguments/plural.ts";
import type { Image } from "./image.ts";

/**
 * Refuses a size that no image can have.
 *
 * @param action What is to be done, up to the size: `resize to`.
 * @throws {RangeError} As `Cannot resize to 0 × 224: the height must be an integer of at least 1`.
 */
export function checkSize(
  action: string,
  { height, width }: { height: number; width: number },
): void {
  checkInteger(`${action} ${height} × ${width}`, "height", height, { min: 1 });
  checkInteger(`${action} ${height} × ${width}`, "width", width, { min: 1 });
}

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
