/**
 * Encodes images as files in a `Blob`: as PNG anywhere, as JPEG and WebP where there is a canvas.
 *
 * @module
 */

import { encodePng } from "../../codecs/encode_png.ts";
import { checkByteImage } from "../../data/_image_data.ts";
import type { Image } from "../../data/image.ts";
import { encodeByCanvas } from "./_canvas.ts";

export type { Image, ImageData } from "../../data/image.ts";

/** Options of {@linkcode encodeImageBlob}. */
export interface EncodeImageBlobOptions {
  /**
   * The format: `image/png`, which is written by Rill and without loss; or `image/jpeg` or `image/webp`, by the browser's encoders.
   *
   * @default {"image/png"}
   */
  readonly type?: "image/png" | "image/jpeg" | "image/webp";
  /**
   * The quality of a format with losses, from 0 to 1.
   *
   * @default {the browser's}
   */
  readonly quality?: number;
}

/**
 * Encodes an image of bytes as a file in a `Blob`, to be uploaded, downloaded or shown. PNG works anywhere, and
 * {@linkcode decodeImageBlob} gives the same bytes again; the other formats take a browser's `OffscreenCanvas`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeImageBlob } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(0, 255), height: 1, width: 2, channels: 1 };
 * const blob = await encodeImageBlob(image); // URL.createObjectURL(blob)
 * assertEquals(blob.type, "image/png");
 * ```
 *
 * @param image The image, of 1 (gray), 2 (gray and alpha), 3 (RGB) or 4 channels (RGBA).
 * @param options The format and its quality.
 * @returns The file. The promise is rejected with a `DOMException` where the runtime can't encode the format
 * (`NotSupportedError`).
 * @throws {TypeError} When the image is of floats.
 * @throws {RangeError} When it has more channels, its shape isn't that of its data, the format is unknown, or the quality isn't
 * a number from 0 to 1.
 */
export function encodeImageBlob(
  image: Image,
  { type = "image/png", quality }: EncodeImageBlobOptions = {},
): Promise<Blob> {
  if (type !== "image/png" && type !== "image/jpeg" && type !== "image/webp") {
    throw new RangeError(
      `Cannot encode image as ${type}: it must be image/png, image/jpeg or image/webp`,
    );
  }
  if (quality !== undefined && !(quality >= 0 && quality <= 1)) {
    throw new RangeError(
      `Cannot encode image with quality ${quality}: it must be a number from 0 to 1`,
    );
  }
  checkByteImage(`encode image as ${type}`, image);
  return type === "image/png"
    ? encodePng(image).then((bytes) => new Blob([bytes], { type }))
    : encodeByCanvas(image, type, quality);
}
