/** A rectangle of an image's pixels, as it is looked at: turned as its orientation asks for, where that is applied. */
export interface ImageRegion {
  /** The row that it begins with, from 0. */
  readonly top: number;
  /** The column that it begins with, from 0. */
  readonly left: number;
  /** Rows, at least 1. */
  readonly height: number;
  /** Pixels in a row, at least 1. */
  readonly width: number;
}

/**
 * The content of an image file, and the index of the image's class.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { EncodedImage } from "@rill/rill/pipelines";
 *
 * const boot: EncodedImage = { bytes: new Uint8Array(100), label: 9, path: "boots/1.png" };
 * assertEquals(boot.label, 9);
 * ```
 */
export interface EncodedImage {
  /** The content of a PNG, JPEG or WebP file. */
  readonly bytes: Uint8Array;
  /** The index of the image's class, from 0; -1 where it has none. */
  readonly label: number;
  /** The path of the file, for errors. */
  readonly path?: string | undefined;
  /** The part of the image that is to be decoded; all of it where there is none. */
  readonly region?: ImageRegion | undefined;
}
