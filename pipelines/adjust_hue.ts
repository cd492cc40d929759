import { turnHue } from "./_adjust.ts";
import { checkNumber } from "./_check_number.ts";
import { checkColorBytes } from "./_color_bytes.ts";
import type { Image } from "./image.ts";

/**
 * Turns the hues of an image, exactly as torchvision's `adjust_hue` of Pillow's images: by way of hue, saturation and
 * value in bytes, where some precision is lost. Only where nothing is to be turned is nothing lost here.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adjustHue } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(255, 0, 0), height: 1, width: 1, channels: 3 };
 * assertEquals(adjustHue(image, 1 / 3).data, Uint8Array.of(0, 255, 0));
 * ```
 *
 * @param image The image of bytes, RGB or gray. A gray one has no hues and is given back.
 * @param turn The part of the circle of hues to go, from -0.5 to 0.5; it is rounded towards 0 to one of 255 steps.
 * @returns The image in other hues.
 * @throws {RangeError} When the turn is not a number from -0.5 to 0.5, the image has not 1 or 3 channels, or its shape does
 * not fit its data.
 * @throws {TypeError} When the image is not of bytes.
 */
export function adjustHue(
  image: Image<Uint8Array<ArrayBuffer>>,
  turn: number,
): Image<Uint8Array<ArrayBuffer>> {
  checkNumber(`adjust hue by ${turn}`, "turn", turn, { min: -0.5, max: 0.5 });
  checkColorBytes(image);
  if (turn === 0 || image.channels === 1) return image;
  const data = new Uint8Array(image.data.length);
  turnHue(image, Math.trunc(turn * 255), data);
  return { data, height: image.height, width: image.width, channels: image.channels };
}
