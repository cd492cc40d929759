import { ByteReader } from "./_byte_reader.ts";
import { closing } from "./_closing.ts";
import { decompress } from "./_decompress.ts";
import { GzipError } from "./gzip_error.ts";
import type { Stage } from "./stage.ts";

/** Options of {@linkcode gunzip}. */
export interface GunzipOptions {
  /** The name of the stream, for errors: a path or an address. */
  readonly source?: string;
}

/**
 * Decompresses a stream if it is gzip, which its first two bytes tell, and passes it on as it is if not. A name like
 * `.gz` is neither needed nor believed. Holds two chunks at most that came in, the second as streams work ahead,
 * and what 16 KiB of them decompress to.
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
 * @returns The stage. It fails with a {@linkcode GzipError} when the compressed stream is damaged, cut short, or goes on
 * behind its end.
 */
export function gunzip(
  { source: name }: GunzipOptions = {},
): Stage<Uint8Array, Uint8Array<ArrayBuffer>> {
  return (source) => closing(gunzipped(source, name), source);
}

async function* gunzipped(
  source: AsyncIterable<Uint8Array>,
  name: string | undefined,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const reader = new ByteReader(source);
  /** What the source failed with. */
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
    await reader.abandon();
    if (failure) throw failure.error;
    throw new GzipError(reader.position, { cause: error, source: name });
  } finally {
    await reader.close();
  }
}
