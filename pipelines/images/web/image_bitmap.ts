/**
 * `ImageBitmap` of the web platform to images, and back.
 *
 * @module
 */

import { checkByteImage } from "../../data/_image_data.ts";
import type { Image } from "../../data/image.ts";
import { drawPixels, encodePixels } from "./_canvas.ts";
import { checkWanted, gatherRgba, makeUnsupported } from "./_rgba.ts";
import { toImageData } from "./image_data.ts";
import type { BitmapSource, ReadWebImageOptions, WebImageBitmap } from "./web_image.ts";

export type { Image, ImageData } from "../../data/image.ts";
export type { BitmapSource, ReadWebImageOptions, WebImageBitmap } from "./web_image.ts";

/**
 * Makes an image of an `ImageBitmap`, in sRGB and not premultiplied: exactly its bytes where it is opaque. Browsers draw it on a
 * canvas, whose colors are premultiplied and rounded: there the color of a pixel with an alpha below 255 is that of the bitmap as
 * far as its alpha leaves it, and black below an alpha of 0. Deno doesn't, and gives all bytes as they are.
 *
 * The bitmap stays the caller's, who closes it.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readImageBitmap, toImageBitmap } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), height: 1, width: 2, channels: 3 };
 * const bitmap = await toImageBitmap(image); // Or createImageBitmap(video), say.
 * assertEquals(await readImageBitmap(bitmap, { channels: 3 }), image);
 * bitmap.close();
 * ```
 *
 * @param bitmap The bitmap.
 * @param options The channels of the image; 4 where they aren't given.
 * @returns The image. The promise is rejected with a `DOMException` where the bitmap was closed (`InvalidStateError`), or the
 * runtime has no `OffscreenCanvas` (`NotSupportedError`).
 * @throws {RangeError} When `channels` is neither 1, 3 nor 4.
 */
export function readImageBitmap(
  bitmap: BitmapSource,
  options: ReadWebImageOptions = {},
): Promise<Image<Uint8Array<ArrayBuffer>>> {
  checkWanted("an ImageBitmap", options);
  return read(bitmap, options.channels ?? 4);
}

async function read(
  bitmap: BitmapSource,
  channels: 1 | 3 | 4,
): Promise<Image<Uint8Array<ArrayBuffer>>> {
  const { height, width } = bitmap;
  if (height === 0 || width === 0) {
    throw new DOMException(
      "Cannot read an ImageBitmap as it is closed, or was transferred",
      "InvalidStateError",
    );
  }
  const size = { height, width };
  const data = drawPixels(bitmap, size) ?? await encodePixels(bitmap, size);
  return gatherRgba(data, height, width, channels);
}

/**
 * Makes an `ImageBitmap` of an image of bytes, to be drawn on a canvas or to be a texture. Gray and RGB become opaque. Alpha is
 * not premultiplied in it, where the runtime leaves the choice.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { toImageBitmap } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(0, 255), height: 1, width: 2, channels: 1 };
 * const bitmap = await toImageBitmap(image);
 * assertEquals([bitmap.height, bitmap.width], [1, 2]); // context.drawImage(bitmap, 0, 0);
 * bitmap.close();
 * ```
 *
 * @param image The image, of 1 (gray), 2 (gray and alpha), 3 (RGB) or 4 channels (RGBA).
 * @returns The bitmap, for the caller to close. The promise is rejected with a `DOMException` where the runtime has no
 * `ImageBitmap`, as Node hasn't (`NotSupportedError`).
 * @throws {TypeError} When the image is of floats.
 * @throws {RangeError} When it has more channels, or its shape isn't that of its data.
 */
export function toImageBitmap(image: Image): Promise<WebImageBitmap> {
  checkByteImage("make an ImageBitmap of the image", image);
  return make(image);
}

async function make(image: Image): Promise<WebImageBitmap> {
  const { createImageBitmap } = globalThis as unknown as {
    createImageBitmap?: (source: object, options: object) => Promise<WebImageBitmap>;
  };
  if (!createImageBitmap) throw makeUnsupported("make an ImageBitmap", "ImageBitmap");
  return await createImageBitmap(toImageData(image) as object, {
    premultiplyAlpha: "none",
    colorSpaceConversion: "none",
  });
}
