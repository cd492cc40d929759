/** The place at which decoding an IDX stream failed. */
export interface IdxProgress {
  /** How many bytes of the stream lie before the place of the error. */
  readonly position: number;
  /** How many items were decoded. */
  readonly items: number;
  /** How many items the header promises, if it could be read. */
  readonly promised?: number | undefined;
}

/**
 * An error about a stream that is not an IDX file, or a damaged one.
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
  /** How many bytes of the stream lie before the place of the error. */
  readonly position: number;
  /** How many items were decoded. */
  readonly items: number;
  /** How many items the header promises, if it could be read. */
  readonly promised: number | undefined;

  /**
   * Makes the error.
   *
   * @param reason The reason, which follows `Cannot decode IDX stream as`.
   * @param progress The place in the stream.
   */
  constructor(reason: string, { position, items, promised }: IdxProgress) {
    super(`Cannot decode IDX stream as ${reason}`);
    this.name = "IdxError";
    this.position = position;
    this.items = items;
    this.promised = promised;
  }
}
