import { checkChannels } from "../../data/_channels.ts";
import { checkImage, describe } from "../../data/_image_data.ts";
import type { Image } from "../../data/image.ts";

/** An image of bytes, the only ones whose colors change. */
export type ByteImage = Image<Uint8Array<ArrayBuffer>>;

/**
 * Refuses an image whose colors cannot be changed here.
 *
 * @throws {RangeError} When the image has not 1 or 3 channels, or its shape does not fit its data.
 * @throws {TypeError} When the image is not of bytes.
 */
export function checkColorBytes(image: ByteImage): void {
  checkImage(image);
  checkChannels(image, 1, 3);
  if (image.data instanceof Uint8Array) return;
  throw new TypeError(`the image is ${describe(image)} where it must be of bytes`);
}

/** Gives a new image with what a function writes to it. */
export function changeColors(
  image: ByteImage,
  change: (image: ByteImage, amount: number, output: Uint8Array<ArrayBuffer>) => void,
  amount: number,
): ByteImage {
  const { height, width, channels } = image;
  const data = new Uint8Array(image.data.length);
  change(image, amount, data);
  return { data, height, width, channels };
}
