/**
 * An error about a cache file that could not be read or written, for a reason that building it anew would not remove.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { CacheFileError } from "@rill/rill/pipelines";
 *
 * const error = new CacheFileError("train.cache", { cause: new Error("no space left on device") });
 * assertEquals(error.message, "Cannot use cache file train.cache: no space left on device");
 * ```
 */
export class CacheFileError extends Error {
  /** The file. */
  readonly path: string;

  /**
   * Makes the error.
   *
   * @param path The file.
   * @param options The error that led to this one.
   */
  constructor(path: string, { cause }: { cause: unknown }) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot use cache file ${path}: ${reason}`, { cause });
    this.name = "CacheFileError";
    this.path = path;
  }
}
