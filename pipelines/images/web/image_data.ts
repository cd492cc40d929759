/**
 * `ImageData` of the web platform to images, and back.
 *
 * @module
 */

import { checkByteImage } from "../../data/_image_data.ts";
import type { Image } from "../../data/image.ts";
import { checkWanted, gatherRgba, makeUnsupported, spreadToRgba } from "./_rgba.ts";
import type { PixelData, ReadWebImageOptions, WebImageData } from "./web_image.ts";

export type { Image, ImageData } from "../../data/image.ts";
export type { PixelData, ReadWebImageOptions, WebImageData } from "./web_image.ts";

/**
 * Makes an image of an `ImageData`, such as a canvas gives: exactly its bytes, in its own color space. They are not
 * premultiplied, and the image's aren't either. Takes whatever has data of RGBA, height and width, and so works where there is no
 * `ImageData`, too. The image has memory of its own.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readImageData } from "@rill/rill/pipelines";
 *
 * // Such as canvas.getContext("2d").getImageData(0, 0, 2, 1).
 * const pixels = { data: Uint8ClampedArray.of(1, 2, 3, 255, 4, 5, 6, 255), height: 1, width: 2 };
 * const image = readImageData(pixels, { channels: 3 });
 * assertEquals(image, { data: Uint8Array.of(1, 2, 3, 4, 5, 6), height: 1, width: 2, channels: 3 });
 * ```
 *
 * @param pixels The `ImageData`, which is left as it is.
 * @param options The channels of the image; 4 where they aren't given.
 * @returns The image.
 * @throws {TypeError} When the data is not of bytes, as that of `rgba-float16`.
 * @throws {RangeError} When `channels` is neither 1, 3 nor 4, or the data hasn't four bytes for each pixel.
 */
export function readImageData(
  pixels: PixelData,
  options: ReadWebImageOptions = {},
): Image<Uint8Array<ArrayBuffer>> {
  checkWanted("ImageData", options);
  const { data, height, width } = pixels;
  if (data.BYTES_PER_ELEMENT !== 1) {
    throw new TypeError(
      `Cannot read ImageData as its samples have ${8 * data.BYTES_PER_ELEMENT} bits: ` +
        "they must be bytes",
    );
  }
  if (!(data.length > 0) || data.length !== height * width * 4) {
    throw new RangeError(
      `Cannot read ImageData as it is ${height} × ${width} × 4 and has ${data.length} samples`,
    );
  }
  return gatherRgba(Uint8Array.from(data), height, width, options.channels ?? 4);
}

/**
 * Makes an `ImageData` of an image of bytes, such as a canvas takes by `putImageData`: gray and RGB become opaque, and alpha is
 * not premultiplied, so that {@linkcode readImageData} gives the same bytes again.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readImageData, toImageData } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), height: 1, width: 2, channels: 3 };
 * const pixels = toImageData(image);
 * assertEquals([...pixels.data], [1, 2, 3, 255, 4, 5, 6, 255]);
 * assertEquals(readImageData(pixels, { channels: 3 }), image);
 * ```
 *
 * @param image The image, of 1 (gray), 2 (gray and alpha), 3 (RGB) or 4 channels (RGBA).
 * @returns The `ImageData`, of sRGB, with memory of its own.
 * @throws {TypeError} When the image is of floats.
 * @throws {RangeError} When it has more channels, or its shape isn't that of its data.
 * @throws {DOMException} When the runtime has no `ImageData`, as Node hasn't: a `NotSupportedError`.
 */
export function toImageData(image: Image): WebImageData {
  checkByteImage("make ImageData of the image", image);
  const { data, width, height } = spreadToRgba(image);
  const { ImageData } = globalThis as unknown as {
    ImageData?: new (data: Uint8ClampedArray<ArrayBuffer>, width: number, height: number) => object;
  };
  if (!ImageData) throw makeUnsupported("make ImageData", "ImageData");
  return new ImageData(data, width, height) as WebImageData;
}
