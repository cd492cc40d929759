/** The facts of an image that could not be decoded. */
export interface ImageErrorFacts {
  /** The path or address of the image. */
  readonly source?: string | undefined;
  /** The format of the file by its first bytes: `PNG`, `JPEG` or `WebP`. */
  readonly format?: string | undefined;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * An error about an image that could not be decoded: it is cut short, damaged, too large, or not an image. In a stream
 * it is the cause of a {@linkcode StageError}, which has the position.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ImageError } from "@rill/rill/pipelines";
 *
 * const error = new ImageError("it is cut short", { source: "boots/1.png", format: "PNG" });
 * assertEquals(error.message, "Cannot decode image boots/1.png as it is cut short");
 * ```
 */
export class ImageError extends Error {
  /** The path or address of the image. */
  readonly source: string | undefined;
  /** The format of the file by its first bytes: `PNG`, `JPEG` or `WebP`. */
  readonly format: string | undefined;

  /**
   * Makes the error.
   *
   * @param reason The reason, which follows `Cannot decode image as`.
   * @param facts The facts of the image.
   */
  constructor(reason: string, { source, format, cause }: ImageErrorFacts = {}) {
    const name = source === undefined ? "" : `${source} `;
    super(`Cannot decode image ${name}as ${reason}`, cause === undefined ? {} : { cause });
    this.name = "ImageError";
    this.source = source;
    this.format = format;
  }
}
