/**
 * A gzip stream that is cut short or damaged.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { drain, gunzip, GzipError } from "@rill/rill/pipelines";
 *
 * const cutShort = ReadableStream.from([Uint8Array.of(0x1f, 0x8b, 8, 0)]);
 * const error = await assertRejects(() => drain(gunzip({ source: "a.tar.gz" })(cutShort)), GzipError);
 * assertEquals([error.source, error.position], ["a.tar.gz", 4]);
 * ```
 */
export class GzipError extends Error {
  /** How many bytes of the compressed stream were read. */
  readonly position: number;
  /** The name of the stream, where it was given one. */
  readonly source?: string;

  /**
   * Makes an error of what was found.
   *
   * @param position How many bytes of the compressed stream were read.
   * @param options What the decompressor said, and the name of the stream.
   */
  constructor(position: number, { cause, source }: { cause: unknown; source?: string }) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const name = source === undefined ? "" : `${source} `;
    super(
      `Cannot gunzip stream ${name}as it is damaged or cut short at byte ${position}: ${reason}`,
      {
        cause,
      },
    );
    this.name = "GzipError";
    this.position = position;
    this.source = source;
  }
}
