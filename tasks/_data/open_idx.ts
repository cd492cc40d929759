/**
 * Opens a file as a stream of its decompressed bytes. The first two bytes tell whether it is gzipped, not the name: some
 * browsers and servers unpack `.gz` files and leave the name.
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
    return gzipped ? file.readable.pipeThrough(new DecompressionStream("gzip")) : file.readable;
  } catch (error) {
    file.close();
    throw error;
  }
}
