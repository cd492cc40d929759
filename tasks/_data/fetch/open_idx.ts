import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/**
 * Opens a file as a stream of its decompressed bytes. The first two bytes tell whether it is gzipped, not the name: some
 * browsers and servers unpack `.gz` files and leave the name.
 *
 * The stage `gunzip` reads the same streams wherever there is JavaScript; Node's zlib, which the tasks can count on, takes half
 * the time at each start. Both read files of several members, and zeros behind them.
 *
 * @returns The bytes. The file is closed when they end, fail or are cancelled.
 */
export async function openIdx(path: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const file = await Deno.open(path, { read: true });
  try {
    const magic = new Uint8Array(2);
    const read = await file.read(magic);
    await file.seek(0, Deno.SeekMode.Start);
    const gzipped = read === 2 && magic[0] === 0x1f && magic[1] === 0x8b;
    return gzipped ? decompress(file.readable) : file.readable;
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Tells whether reading failed as a gzip stream is damaged or ends early, and not as the file can't be read. */
export const isGzipError = (error: unknown): boolean =>
  error instanceof Error && "code" in error && /^Z_/.test(String(error.code));

/** Decompresses a stream. Not by `Duplex.toWeb`, which throws past everybody where its stream is cancelled. */
function decompress(
  compressed: ReadableStream<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const gunzip = createGunzip({ chunkSize: 65536 });
  // Passes on errors and the end of either; the errors come out of the iterator.
  pipeline(Readable.fromWeb(compressed), gunzip, () => {});
  return ReadableStream.from<Uint8Array<ArrayBuffer>>(gunzip);
}
