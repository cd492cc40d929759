/**
 * Reads what an image's file tells of it before it is decoded: format, size, channels and orientation.
 *
 * @module
 */

import { describeUnknown, detectFormat, type ImageFormat, ImageProblem } from "./_image_header.ts";
import { readJpeg } from "./_jpeg_header.ts";
import { readPng } from "./_png_chunks.ts";
import { readWebp } from "./_webp_header.ts";
import { ImageError } from "./image_error.ts";
import type { ImageOrientation } from "./orient_image.ts";

export type { ImageFormat } from "./_image_header.ts";
export { ImageError, type ImageErrorFacts } from "./image_error.ts";
export type { ImageOrientation } from "./orient_image.ts";

/** What an image's file tells of it before it is decoded. */
export interface ImageHeader {
  /** The format, by the first bytes. */
  readonly format: ImageFormat;
  /** Rows as they are stored: an orientation from 5 to 8 exchanges them with the columns. */
  readonly height: number;
  /** Pixels in a row as it is stored. */
  readonly width: number;
  /** Samples in a pixel of the decoded image: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA. */
  readonly channels: number;
  /** How the stored pixels are to be turned or mirrored; 1 where nothing says it. */
  readonly orientation: ImageOrientation;
}

/**
 * Reads what a PNG, JPEG or WebP file tells of its image before it is decoded, without checking the rest of the file.
 *
 * The beginning of a file is enough, as far as its header goes: 64 KiB nearly always. An orientation that comes behind that,
 * as WebP has it, is then 1.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readImageHeader } from "@rill/rill/pipelines";
 *
 * const text = atob("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAC0lEQVR4nGNg");
 * const header = readImageHeader(Uint8Array.from(text, (byte) => byte.charCodeAt(0)));
 * assertEquals(header, { format: "PNG", height: 1, width: 2, channels: 1, orientation: 1 });
 * ```
 *
 * @param bytes The content of the file, or its beginning.
 * @param options The path or address of the file, for errors.
 * @returns What it tells.
 * @throws {ImageError} When the file has another format, its header is damaged or cut short, or tells of an image that can't
 * be decoded.
 */
export function readImageHeader(
  bytes: Uint8Array,
  { source }: { readonly source?: string | undefined } = {},
): ImageHeader {
  const format = detectFormat(bytes);
  try {
    if (!format) throw new ImageProblem(describeUnknown(bytes));
    const { height, width, channels, orientation } = READERS[format](bytes, true);
    return { format, height, width, channels, orientation };
  } catch (error) {
    if (!(error instanceof ImageProblem)) throw error;
    throw new ImageError(error.message, { source, format, cause: error.cause });
  }
}

const READERS = { PNG: readPng, JPEG: readJpeg, WebP: readWebp };
