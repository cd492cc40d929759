/** The place in a tar archive that an error or a warning is about. */
export interface TarProgress {
  /** How many bytes of the stream lie before the place of the error. */
  readonly position: number;
  /** How many files were decoded. */
  readonly entries: number;
  /** The name of the stream, if it has one. */
  readonly source?: string | undefined;
  /** The name of the archive's member that the error is about, if it is known. */
  readonly entry?: string | undefined;
}

/** A warning about a tar archive that can be read, though not all may be there. */
export interface TarWarning extends TarProgress {
  /** The reason, which may also follow `Cannot decode tar stream as`. */
  readonly reason: string;
}

/**
 * An error about a stream that is not a tar archive, or a damaged or unsafe one.
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
  /** How many bytes of the stream lie before the place of the error. */
  readonly position: number;
  /** How many files were decoded. */
  readonly entries: number;
  /** The name of the stream, if it has one. */
  readonly source: string | undefined;
  /** The name of the archive's member that the error is about, if it is known. */
  readonly entry: string | undefined;

  /**
   * Makes the error.
   *
   * @param reason The reason, which follows `Cannot decode tar stream as`.
   * @param progress The place in the stream.
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
