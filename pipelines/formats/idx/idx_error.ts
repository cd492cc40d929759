/** How far decoding came. */
export interface IdxProgress {
  /** The bytes of the stream before the place of the error. */
  readonly position: number;
  /** How many items were decoded. */
  readonly items: number;
  /** How many items the header promises, where it could be read. */
  readonly promised?: number;
}

/**
 * A stream that is not, or not quite, an IDX file.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { decodeIdx, drain, IdxError } from "@rill/rill/pipelines";
 *
 * const file = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 10, 20); // A list of 3 bytes, of which 2 are there.
 * const error = await assertRejects(
 *   () => drain(decodeIdx()(ReadableStream.from([file]))),
 *   IdxError,
 *   "Cannot decode IDX stream as the header promises 3 items: the stream ended after 2",
 * );
 * assertEquals([error.position, error.items, error.promised], [10, 2, 3]);
 * ```
 */
export class IdxError extends Error {
  /** The bytes of the stream before the place of the error. */
  readonly position: number;
  /** How many items were decoded. */
  readonly items: number;
  /** How many items the header promises, where it could be read. */
  readonly promised?: number;

  /**
   * Makes an error of what was found.
   *
   * @param reason What was found, to go behind `Cannot decode IDX stream as`.
   * @param progress How far decoding came.
   */
  constructor(reason: string, { position, items, promised }: IdxProgress) {
    super(`Cannot decode IDX stream as ${reason}`);
    this.name = "IdxError";
    this.position = position;
    this.items = items;
    this.promised = promised;
  }
}
