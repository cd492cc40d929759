/**
 * An error about a folder that is not a data set of images by class.
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

  /**
   * Makes the error.
   *
   * @param reason The reason, which follows `Cannot open image folder … as`.
   * @param facts The folder, and the error that led to this one.
   */
  constructor(reason: string, { path, cause }: { path: string; cause?: unknown }) {
    super(`Cannot open image folder ${path} as ${reason}`, cause === undefined ? {} : { cause });
    this.name = "ImageFolderError";
    this.path = path;
  }
}
