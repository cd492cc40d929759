import { checkChannels } from "../data/_check_size.ts";
import { checkImage, describe } from "../data/_image_data.ts";
import type { Image } from "../data/image.ts";

/** An image of bytes. */
export type ByteImage = Image<Uint8Array<ArrayBuffer>>;

/**
 * Refuses an image whose colors cannot be changed.
 *
 * @throws {RangeError} When the image has other channels than one of gray or three of color, or its shape does not fit
 * its data.
 * @throws {TypeError} When the image is not of bytes.
 */
export function checkColorBytes(image: ByteImage): void {
  checkImage(image);
  checkChannels(image, 1, 3);
  if (image.data instanceof Uint8Array) return;
  throw new TypeError(`the image is ${describe(image)} where it must be of bytes`);
}

/** As {@linkcode checkColorBytes}, and the factor that the image's function was called with. */
export function checkAdjust(action: string, factor: number, image: ByteImage): void {
  if (!(Number.isFinite(factor) && factor >= 0)) {
    throw new RangeError(
      `Cannot adjust ${action} by ${factor}: the factor must be a number of at least 0`,
    );
  }
  checkColorBytes(image);
}
