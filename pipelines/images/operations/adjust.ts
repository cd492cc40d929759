/**
 * Changes brightness, contrast, saturation and hue of single images, byte for byte like Pillow. For random changes, use
 * `colorJitter`.
 *
 * @module
 */

import { checkNumber } from "../../_arguments/check_number.ts";
import type { Image } from "../../data/image.ts";
import { brighten, changeContrast, saturate, turnHue } from "./_adjust.ts";
import { changeColors, checkColorBytes } from "./_color_bytes.ts";

/**
 * Makes an image brighter or darker, exactly like Pillow's `ImageEnhance.Brightness` and torchvision's
 * `adjust_brightness` of Pillow's images: the factor times each sample, rounded down and clipped.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adjustBrightness } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(10, 101, 200), height: 1, width: 1, channels: 3 };
 * assertEquals(adjustBrightness(image, 1.5).data, Uint8Array.of(15, 151, 255));
 * ```
 *
 * @param image The image of bytes, gray or RGB.
 * @param factor The factor, at least 0: 0 gives black, 1 the image itself, 2 twice the brightness.
 * @returns The image in another brightness.
 * @throws {RangeError} When the factor is not a number of at least 0, the image has not 1 or 3 channels, or its shape
 * does not fit its data.
 * @throws {TypeError} When the image is not of bytes.
 */
export function adjustBrightness(
  image: Image<Uint8Array<ArrayBuffer>>,
  factor: number,
): Image<Uint8Array<ArrayBuffer>> {
  checkFactor("brightness", factor);
  checkColorBytes(image);
  return factor === 1 ? image : changeColors(image, brighten, factor);
}

/**
 * Gives an image more or less contrast, exactly like Pillow's `ImageEnhance.Contrast` and torchvision's
 * `adjust_contrast` of Pillow's images: moves each sample away from the mean of the image's gray values or towards it.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adjustContrast } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(90, 100, 110), height: 1, width: 3, channels: 1 };
 * assertEquals(adjustContrast(image, 1.5).data, Uint8Array.of(85, 100, 115));
 * ```
 *
 * @param image The image of bytes, gray or RGB.
 * @param factor The factor, at least 0: 0 gives plain gray, 1 the image itself, 2 twice the contrast.
 * @returns The image in another contrast.
 * @throws {RangeError} When the factor is not a number of at least 0, the image has not 1 or 3 channels, or its shape
 * does not fit its data.
 * @throws {TypeError} When the image is not of bytes.
 */
export function adjustContrast(
  image: Image<Uint8Array<ArrayBuffer>>,
  factor: number,
): Image<Uint8Array<ArrayBuffer>> {
  checkFactor("contrast", factor);
  checkColorBytes(image);
  return factor === 1 ? image : changeColors(image, changeContrast, factor);
}

/**
 * Turns the hues of an image, exactly like torchvision's `adjust_hue` of Pillow's images: by way of hue, saturation and
 * value in bytes, which loses some precision. A turn of 0 loses nothing.
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
 * @param image The image of bytes, RGB or gray. A gray one has no hues and is returned as it is.
 * @param turn The part of the circle of hues to go, from -0.5 to 0.5; it is rounded towards 0 to one of 255 steps.
 * @returns The image in other hues.
 * @throws {RangeError} When the turn is not a number from -0.5 to 0.5, the image has not 1 or 3 channels, or its shape
 * does not fit its data.
 * @throws {TypeError} When the image is not of bytes.
 */
export function adjustHue(
  image: Image<Uint8Array<ArrayBuffer>>,
  turn: number,
): Image<Uint8Array<ArrayBuffer>> {
  checkNumber(`adjust hue by ${turn}`, "turn", turn, { min: -0.5, max: 0.5 });
  checkColorBytes(image);
  if (turn === 0 || image.channels === 1) return image;
  return changeColors(image, turnHue, Math.trunc(turn * 255));
}

/**
 * Gives an image stronger or weaker colors, exactly like Pillow's `ImageEnhance.Color` and torchvision's
 * `adjust_saturation` of Pillow's images: moves each sample away from its pixel's gray value or towards it.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adjustSaturation } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(200, 100, 100), height: 1, width: 1, channels: 3 };
 * assertEquals(adjustSaturation(image, 0).data, Uint8Array.of(130, 130, 130));
 * ```
 *
 * @param image The image of bytes, RGB or gray. A gray one has no colors and is returned as it is.
 * @param factor The factor, at least 0: 0 gives gray, 1 the image itself, 2 colors twice as strong.
 * @returns The image in another saturation.
 * @throws {RangeError} When the factor is not a number of at least 0, the image has not 1 or 3 channels, or its shape
 * does not fit its data.
 * @throws {TypeError} When the image is not of bytes.
 */
export function adjustSaturation(
  image: Image<Uint8Array<ArrayBuffer>>,
  factor: number,
): Image<Uint8Array<ArrayBuffer>> {
  checkFactor("saturation", factor);
  checkColorBytes(image);
  return factor === 1 || image.channels === 1 ? image : changeColors(image, saturate, factor);
}

const checkFactor = (property: string, factor: number): void =>
  checkNumber(`adjust ${property} by ${factor}`, "factor", factor, { min: 0 });
