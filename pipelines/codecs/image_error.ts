/** What is known of an image that could not be decoded. */
export interface ImageErrorFacts {
  /** Where the image comes from: a path or an address. */
  readonly source?: string;
  /** What the file is by its first bytes: `PNG`, `JPEG` or `WebP`. */
  readonly format?: string;
  /** What went wrong further down. */
  readonly cause?: unknown;
}

/**
 * An image that could not be decoded: cut short, damaged, too large, or none at all. In a stream it is the cause of a
 * {@linkcode StageError}, which has the position.
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
  /** Where the image comes from: a path or an address. */
  readonly source?: string;
  /** What the file is by its first bytes: `PNG`, `JPEG` or `WebP`. */
  readonly format?: string;

  /**
   * Makes an error of what was found.
   *
   * @param reason What was found, to go behind `Cannot decode image as`.
   * @param facts What is known of the image.
   */
  constructor(reason: string, { source, format, cause }: ImageErrorFacts = {}) {
    const name = source === undefined ? "" : `${source} `;
    super(`Cannot decode image ${name}as ${reason}`, cause === undefined ? {} : { cause });
    this.name = "ImageError";
    this.source = source;
    this.format = format;
  }
}
