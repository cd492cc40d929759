/** The place at which decompressing a gzip stream failed. */
export interface GzipProgress {
  /** How many bytes of the compressed stream lie before the place of the error. */
  readonly position: number;
  /** The number of the member that the error is about, from 1. */
  readonly member: number;
  /** The name of the stream, where it was given one. */
  readonly source?: string | undefined;
}

/**
 * An error about a gzip stream that is cut short or damaged.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { drain, gunzip, GzipError } from "@rill/rill/pipelines";
 *
 * const cutShort = ReadableStream.from([Uint8Array.of(0x1f, 0x8b, 8, 0)]);
 * const error = await assertRejects(() => drain(gunzip({ source: "a.tar.gz" })(cutShort)), GzipError);
 * assertEquals([error.source, error.member, error.position], ["a.tar.gz", 1, 4]);
 * ```
 */
export class GzipError extends Error {
  /** How many bytes of the compressed stream lie before the place of the error. */
  readonly position: number;
  /** The number of the member that the error is about, from 1. */
  readonly member: number;
  /** The name of the stream, where it was given one. */
  readonly source: string | undefined;

  /**
   * Makes an error about a stream.
   *
   * @param reason The reason, which follows `Cannot gunzip stream as`.
   * @param progress The place in the stream.
   */
  constructor(reason: string, { position, member, source }: GzipProgress) {
    super(`Cannot gunzip stream ${source === undefined ? "" : `${source} `}as ${reason}`);
    this.name = "GzipError";
    this.position = position;
    this.member = member;
    this.source = source;
  }
}
