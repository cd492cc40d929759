/**
 * A folder that is no data set of images by class.
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
   * Makes an error of what was found.
   *
   * @param reason What was found, to go behind `Cannot open image folder … as`.
   * @param facts The folder, and what went wrong further down.
   */
  constructor(reason: string, { path, cause }: { path: string; cause?: unknown }) {
    super(`Cannot open image folder ${path} as ${reason}`, cause === undefined ? {} : { cause });
    this.name = "ImageFolderError";
    this.path = path;
  }
}
