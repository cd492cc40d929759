/**
 * Streams decompressed where they are gzip.
 *
 * @module
 */

import { ByteReader } from "../../_bytes/byte_reader.ts";
import { decompress } from "../../_bytes/decompress.ts";
import type { Stage } from "../../stage/stage.ts";
import { type StageInput, stageOf } from "../../stage/stage_of.ts";

/** Options of {@linkcode gunzip}. */
export interface GunzipOptions {
  /** The name of the stream, for errors: a path or an address. */
  readonly source?: string | undefined;
}

/**
 * Decompresses a stream if it is gzip, as its first two bytes tell, and otherwise passes it on as it is. Names such as
 * `.gz` do not matter. Holds at most two chunks of its source, the second as streams work ahead, and the result of 16
 * KiB of them.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, gunzip } from "@rill/rill/pipelines";
 *
 * const text = async (chunks: AsyncIterable<Uint8Array<ArrayBuffer>>) =>
 *   await new Blob(await collect(gunzip()(chunks))).text();
 * const plain = new Blob(["rill"]);
 * assertEquals(await text(plain.stream()), "rill");
 * assertEquals(await text(plain.stream().pipeThrough(new CompressionStream("gzip"))), "rill");
 * ```
 *
 * @param options The stream's name.
 * @returns The stage. It fails with a {@linkcode GzipError} when the compressed stream is damaged, cut short, or goes
 * on after its end.
 */
export function gunzip(
  { source: name }: GunzipOptions = {},
): Stage<Uint8Array, Uint8Array<ArrayBuffer>> {
  return stageOf({ name: "gunzip", begin: ({ input }) => decompressChunks(input, name) });
}

async function* decompressChunks(
  source: StageInput<Uint8Array>,
  name: string | undefined,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const reader = new ByteReader(source);
  /** The error that the source failed with. */
  let failure: { readonly error: unknown } | undefined;
  const pull = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      failure = { error };
      throw error;
    }
  };
  try {
    const head = await pull(() => reader.read(2));
    if (head[0] !== 0x1f || head[1] !== 0x8b) {
      if (head.length > 0) yield head;
      for (let chunk; (chunk = await pull(() => reader.readChunk()));) yield new Uint8Array(chunk);
      return;
    }
    let begun = false;
    yield* decompress("gzip", () => {
      if (begun) return pull(() => reader.readChunk());
      begun = true;
      return head;
    });
  } catch (error) {
    if (failure) throw failure.error;
    throw new GzipError(reader.position, { cause: error, source: name });
  }
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
 * assertEquals([error.source, error.position], ["a.tar.gz", 4]);
 * ```
 */
export class GzipError extends Error {
  /** How many bytes of the compressed stream were read. */
  readonly position: number;
  /** The name of the stream, where it was given one. */
  readonly source: string | undefined;

  /**
   * Makes an error about a stream.
   *
   * @param position How many bytes of the compressed stream were read.
   * @param options The decompressor's error, and the name of the stream.
   */
  constructor(
    position: number,
    { cause, source }: { cause: unknown; source?: string | undefined },
  ) {
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
