/**
 * Changes the tones of single images by a table of bytes, byte for byte like torchvision on Pillow's images:
 * autocontrast, equalizing, posterizing, solarizing and inverting.
 *
 * @module
 */

import { checkInteger } from "../../_arguments/check_integer.ts";
import { checkNumber } from "../../_arguments/check_number.ts";
import type { Image } from "../../data/image.ts";
import { type ByteTable, countBytes, makeByteTable, mapBytes } from "./_byte_tables.ts";
import { checkColorBytes } from "./_color_bytes.ts";

/**
 * Stretches the tones of each channel of an image over all bytes, exactly like Pillow's `autocontrast` and torchvision's
 * of Pillow's images: the least byte becomes 0 and the greatest 255. A channel of one tone stays as it is.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { autoContrastImage } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(50, 100, 150), height: 1, width: 3, channels: 1 };
 * assertEquals(autoContrastImage(image).data, Uint8Array.of(0, 127, 255));
 * ```
 *
 * @param image The image of bytes, gray or RGB.
 * @returns The image in full contrast; the image itself where its tones already reach from 0 to 255.
 * @throws {RangeError} When the image has not 1 or 3 channels, or its shape does not fit its data.
 * @throws {TypeError} When the image is not of bytes.
 */
export function autoContrastImage(
  image: Image<Uint8Array<ArrayBuffer>>,
): Image<Uint8Array<ArrayBuffer>> {
  return mapByCounts(image, stretch);
}

/**
 * Equalizes the tones of each channel of an image, exactly like Pillow's `equalize` and torchvision's of Pillow's
 * images: each byte becomes the share of the pixels below it, so that all tones are about equally frequent.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { equalizeImage } from "@rill/rill/pipelines";
 *
 * const data = Uint8Array.from({ length: 1024 }, (_, i) => 100 + i % 4);
 * const image = { data, height: 32, width: 32, channels: 1 };
 * assertEquals(equalizeImage(image).data.subarray(0, 4), Uint8Array.of(0, 85, 171, 255));
 * ```
 *
 * @param image The image of bytes, gray or RGB.
 * @returns The equalized image; the image itself where nothing changes, as where it has too few pixels.
 * @throws {RangeError} When the image has not 1 or 3 channels, or its shape does not fit its data.
 * @throws {TypeError} When the image is not of bytes.
 */
export function equalizeImage(
  image: Image<Uint8Array<ArrayBuffer>>,
): Image<Uint8Array<ArrayBuffer>> {
  return mapByCounts(image, equalize);
}

/**
 * Keeps the upper bits of each byte of an image, exactly like Pillow's `posterize` and torchvision's of Pillow's images.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { posterizeImage } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(63, 64, 255), height: 1, width: 3, channels: 1 };
 * assertEquals(posterizeImage(image, 2).data, Uint8Array.of(0, 64, 192));
 * ```
 *
 * @param image The image of bytes, gray or RGB.
 * @param bits How many bits are kept, from 0 (black) to 8 (the image itself).
 * @returns The image of fewer tones.
 * @throws {RangeError} When `bits` is not an integer from 0 to 8, the image has not 1 or 3 channels, or its shape does
 * not fit its data.
 * @throws {TypeError} When the image is not of bytes.
 */
export function posterizeImage(
  image: Image<Uint8Array<ArrayBuffer>>,
  bits: number,
): Image<Uint8Array<ArrayBuffer>> {
  checkInteger(`posterize to ${bits} bits`, "number of bits", bits, { max: 8 });
  checkColorBytes(image);
  if (bits === 8) return image;
  return mapBytes(image, makeByteTable((byte) => byte & 0xff << (8 - bits)));
}

/**
 * Inverts the bytes of an image from a threshold on, exactly like Pillow's `solarize` and torchvision's of Pillow's
 * images.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { solarizeImage } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(0, 127, 128, 255), height: 1, width: 4, channels: 1 };
 * assertEquals(solarizeImage(image, 128).data, Uint8Array.of(0, 127, 127, 0));
 * ```
 *
 * @param image The image of bytes, gray or RGB.
 * @param threshold The least byte that is inverted, from 0 (all are) to 256 (none is); it need not be an integer.
 * @returns The solarized image; the image itself where the threshold is above 255.
 * @throws {RangeError} When the threshold is not a number from 0 to 256, the image has not 1 or 3 channels, or its
 * shape does not fit its data.
 * @throws {TypeError} When the image is not of bytes.
 */
export function solarizeImage(
  image: Image<Uint8Array<ArrayBuffer>>,
  threshold: number,
): Image<Uint8Array<ArrayBuffer>> {
  checkNumber(`solarize from ${threshold}`, "threshold", threshold, { min: 0, max: 256 });
  checkColorBytes(image);
  if (threshold > 255) return image;
  return mapBytes(image, makeByteTable((byte) => byte < threshold ? byte : 255 - byte));
}

/**
 * Inverts an image, exactly like Pillow's `invert` and torchvision's of Pillow's images: black becomes white.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { invertImage } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(0, 55), height: 1, width: 2, channels: 1 };
 * assertEquals(invertImage(image).data, Uint8Array.of(255, 200));
 * ```
 *
 * @param image The image of bytes, gray or RGB.
 * @returns The inverted image.
 * @throws {RangeError} When the image has not 1 or 3 channels, or its shape does not fit its data.
 * @throws {TypeError} When the image is not of bytes.
 */
export function invertImage(
  image: Image<Uint8Array<ArrayBuffer>>,
): Image<Uint8Array<ArrayBuffer>> {
  return mapBytes(image, INVERTED);
}

const INVERTED = makeByteTable((byte) => 255 - byte);
const SAME = makeByteTable((byte) => byte);

/** Replaces the bytes of each channel by a table that is made of how often they occur. */
function mapByCounts(
  image: Image<Uint8Array<ArrayBuffer>>,
  makeTable: (counts: Uint32Array) => ByteTable,
): Image<Uint8Array<ArrayBuffer>> {
  checkColorBytes(image);
  const counts = countBytes(image);
  const table = new Uint8Array(counts.length);
  let isChanged = false;
  for (let at = 0; at < counts.length; at += 256) {
    const channel = makeTable(counts.subarray(at, at + 256));
    isChanged ||= channel !== SAME;
    table.set(channel, at);
  }
  return isChanged ? mapBytes(image, table) : image;
}

function stretch(counts: Uint32Array): ByteTable {
  const least = counts.findIndex((count) => count > 0);
  const greatest = counts.findLastIndex((count) => count > 0);
  if (least === greatest || (least === 0 && greatest === 255)) return SAME;
  // In this order, as rounding shows where the result is about an integer.
  const scale = 255 / (greatest - least);
  const offset = -least * scale;
  return makeByteTable((byte) => byte * scale + offset);
}

function equalize(counts: Uint32Array): ByteTable {
  const pixels = counts.reduce((a, b) => a + b, 0);
  const last = counts.findLast((count) => count > 0)!;
  // All of one tone, or less than 255 pixels below the last tone.
  const step = Math.floor((pixels - last) / 255);
  if (step === 0) return SAME;
  let below = Math.floor(step / 2);
  return makeByteTable((byte) => {
    const share = Math.floor(below / step);
    below += counts[byte]!;
    return share;
  });
}
