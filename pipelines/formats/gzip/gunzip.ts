/**
 * Streams decompressed where they are gzip.
 *
 * @module
 */

import { pluralize } from "../../_arguments/text.ts";
import { ByteReader } from "../../_bytes/byte_reader.ts";
import type { Stage } from "../../stage/stage.ts";
import { type StageInput, stageOf } from "../../stage/stage_of.ts";
import { GzipError } from "./gzip_error.ts";

export { GzipError, type GzipProgress } from "./gzip_error.ts";

/** Options of {@linkcode gunzip}. */
export interface GunzipOptions {
  /** The name of the stream, for errors: a path or an address. */
  readonly source?: string | undefined;
}

/**
 * Decompresses a stream if it is gzip, as its first two bytes tell, and otherwise passes it on as it is. Names such as
 * `.gz` do not matter. Holds one chunk of its source, and 64 KiB of the result.
 *
 * A stream may have several members, as `cat a.gz b.gz` and bgzip make them: their contents come one behind the other, as
 * with `gzip -dc`. Zeros between members and behind the last one are skipped, as Python does. Other bytes behind a
 * member are refused, where `gzip -dc` warns and leaves them out: they may be a member whose header was damaged, and a
 * training wouldn't miss what was in it.
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
 * @returns The stage. It fails with a {@linkcode GzipError} when a member is damaged or cut short, or when what follows
 * one is neither another one nor zeros.
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
  const head = await reader.read(2);
  if (head[0] === 0x1f && head[1] === 0x8b) return yield* decompressMembers(head, reader, name);
  if (head.length > 0) yield head;
  for (let chunk; (chunk = await reader.readChunk());) yield new Uint8Array(chunk);
}

async function* decompressMembers(
  head: Uint8Array,
  reader: ByteReader,
  name: string | undefined,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  // Loaded only for what is gzip. The engine's DecompressionStream doesn't tell where a member ends.
  const { Z_BUF_ERROR, Z_NO_FLUSH, Z_OK, Z_STREAM_END, ...zlib } = await import("pako");
  const stream = new zlib.ZStream();
  zlib.zlibInflateInit2(stream, GZIP_WINDOW);
  const output = stream.output = new Uint8Array(OUTPUT_SIZE);
  const setInput = (chunk: Uint8Array) => {
    stream.input = chunk;
    stream.next_in = 0;
    stream.avail_in = chunk.length;
  };
  /** Makes sure that there is input, and tells whether there is. */
  const fill = async (): Promise<boolean> => {
    if (stream.avail_in > 0) return true;
    const chunk = await reader.readChunk();
    if (chunk) setInput(chunk);
    return chunk !== undefined;
  };
  const findPosition = () => reader.position - stream.avail_in;

  let member = 1;
  /** The position at which the member begins. */
  let start = 0;
  const makeError = (reason: string) =>
    new GzipError(reason, { position: findPosition(), member, source: name });
  const describe = () => member === 1 ? "it is" : `its member ${member}, from byte ${start} on, is`;

  setInput(head);
  while (true) {
    stream.avail_out = OUTPUT_SIZE;
    for (let status: number = Z_OK; status !== Z_STREAM_END;) {
      // Where the output was filled, there may be more of it without more input.
      if (stream.avail_out > 0 && !await fill()) {
        const end = `the stream ended after ${pluralize(reader.position, "byte")}`;
        throw makeError(`${describe()} not complete: ${end}`);
      }
      stream.next_out = 0;
      stream.avail_out = OUTPUT_SIZE;
      status = zlib.zlibInflate(stream, Z_NO_FLUSH);
      if (stream.next_out > 0) yield output.slice(0, stream.next_out);
      if (status === Z_OK || status === Z_STREAM_END || status === Z_BUF_ERROR) continue;
      throw makeError(
        member > 1 && stream.msg === "incorrect header check"
          ? `what follows its member ${member - 1}, from byte ${start} on, is not gzip`
          : `${describe()} damaged at byte ${findPosition()}: ${stream.msg || `error ${status}`}`,
      );
    }

    // Zeros pad what was on a tape, or has a size of whole blocks.
    do {
      if (!await fill()) return;
      while (stream.avail_in > 0 && stream.input[stream.next_in] === 0) {
        stream.next_in++;
        stream.avail_in--;
      }
    } while (stream.avail_in === 0);
    member++;
    start = findPosition();
    zlib.zlibInflateReset(stream);
  }
}

/** Zlib's number for a window of 32 KiB, and gzip's header and trailer around the data. */
const GZIP_WINDOW = 15 + 16;
const OUTPUT_SIZE = 2 ** 16;
