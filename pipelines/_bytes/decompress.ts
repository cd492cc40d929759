/**
 * Decompresses the chunks that `pull` gives. They go to the decompressor in small pieces, as some engines decompress a
 * whole piece at once, and the result may be a thousand times as large.
 *
 * @param pull Gives the next chunk, or nothing at the end.
 */
export function decompress(
  format: CompressionFormat,
  pull: () => Promise<Uint8Array | undefined> | Uint8Array | undefined,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let chunk: Uint8Array = new Uint8Array();
  const compressed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      while (chunk.length === 0) {
        const next = await pull();
        if (!next) return controller.close();
        chunk = next;
      }
      // A copy, as a stream may take over the memory of its chunks, and refuses memory that threads share.
      controller.enqueue(chunk.slice(0, PIECE_SIZE) as Uint8Array<ArrayBuffer>);
      chunk = chunk.subarray(PIECE_SIZE);
    },
  }, { highWaterMark: 0 });
  return compressed.pipeThrough(new DecompressionStream(format));
}

const PIECE_SIZE = 2 ** 14;
