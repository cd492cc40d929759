/** Where decoding a tar archive came to its end. */
export interface TarProgress {
  /** The bytes of the stream before the place of the error. */
  readonly position: number;
  /** How many files were decoded. */
  readonly entries: number;
  /** The name of the stream, where it was given one. */
  readonly source?: string;
  /** The name of the archive's member that the error is about, where it is known. */
  readonly entry?: string;
}

/**
 * A stream that is not, or not quite, a tar archive, or one that is not to be trusted.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { decodeTar, drain, TarError } from "@rill/rill/pipelines";
 *
 * const error = await assertRejects(
 *   () => drain(decodeTar({ source: "a.tar" })(ReadableStream.from([new Uint8Array(512).fill(1)]))),
 *   TarError,
 *   "Cannot decode tar stream a.tar as the header at byte 0 has a wrong checksum",
 * );
 * assertEquals([error.source, error.position, error.entries], ["a.tar", 0, 0]);
 * ```
 */
export class TarError extends Error {
  /** The bytes of the stream before the place of the error. */
  readonly position: number;
  /** How many files were decoded. */
  readonly entries: number;
  /** The name of the stream, where it was given one. */
  readonly source?: string;
  /** The name of the archive's member that the error is about, where it is known. */
  readonly entry?: string;

  /**
   * Makes an error of what was found.
   *
   * @param reason What was found, to go behind `Cannot decode tar stream as`.
   * @param progress How far decoding came.
   */
  constructor(reason: string, { position, entries, source, entry }: TarProgress) {
    super(`Cannot decode tar stream ${source === undefined ? "" : `${source} `}as ${reason}`);
    this.name = "TarError";
    this.position = position;
    this.entries = entries;
    this.source = source;
    this.entry = entry;
  }
}
