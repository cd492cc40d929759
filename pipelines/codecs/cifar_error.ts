/** The place of a problem in the files of CIFAR. */
export interface CifarProgress {
  /** The file, from 0. */
  readonly file: number;
  /** The record in it, from 0. */
  readonly record: number;
}

/**
 * An error about a file that is not one of CIFAR's binary version, or a damaged one.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { CifarError } from "@rill/rill/pipelines";
 *
 * const error = new CifarError("its label is 10: it must be below 10", { file: 0, record: 3 });
 * assertEquals(
 *   error.message,
 *   "Cannot decode record 3 of CIFAR file 0 as its label is 10: it must be below 10",
 * );
 * ```
 */
export class CifarError extends Error {
  /** The file, from 0. */
  readonly file: number;
  /** The record in it, from 0. */
  readonly record: number;

  /**
   * Makes the error.
   *
   * @param reason The reason, which follows `Cannot decode record … of CIFAR file … as`.
   * @param progress The place.
   */
  constructor(reason: string, { file, record }: CifarProgress) {
    super(`Cannot decode record ${record} of CIFAR file ${file} as ${reason}`);
    this.name = "CifarError";
    this.file = file;
    this.record = record;
  }
}
