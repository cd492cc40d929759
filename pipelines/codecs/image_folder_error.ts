/** The facts of a folder of images that could not be opened or read. */
export interface ImageFolderErrorFacts {
  /** The folder. */
  readonly path: string;
  /** The image that could not be read, where the folder could be opened. */
  readonly image?: string | undefined;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * An error about a folder that is not a data set of images, or about an image that it had when it was opened.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ImageFolderError } from "@rill/rill/pipelines";
 *
 * const error = new ImageFolderError("the class boots has no images", { path: "train" });
 * assertEquals(error.message, "Cannot open image folder train as the class boots has no images");
 * ```
 */
export class ImageFolderError extends Error {
  /** The folder. */
  readonly path: string;
  /** The image that could not be read, where the folder could be opened. */
  readonly image: string | undefined;

  /**
   * Makes the error.
   *
   * @param reason The reason, which follows `Cannot open image folder … as`, or `Cannot read image … as`.
   * @param facts The folder, the image, and the error that led to this one.
   */
  constructor(reason: string, { path, image, cause }: ImageFolderErrorFacts) {
    const what = image === undefined ? `open image folder ${path}` : `read image ${image}`;
    super(`Cannot ${what} as ${reason}`, cause === undefined ? {} : { cause });
    this.name = "ImageFolderError";
    this.path = path;
    this.image = image;
  }
}
