import { crc32 } from "../../pipelines/_bytes/crc32.ts";
import type { Image } from "../../pipelines/mod.ts";

/** The first bytes of every PNG file. */
export const PNG_MAGIC: Uint8Array<ArrayBuffer> = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);

/**
 * Encodes an image of bytes, gray or RGB, as a PNG file, by the engine's own zlib and without filters: what these files hold,
 * small pictures and text, takes little more space so.
 */
export async function encodePng(
  { data, height, width, channels }: Image<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(`Cannot encode PNG of ${channels} channels: it needs 1 or 3`);
  }
  const stride = width * channels;
  // Each row begins with the number of its filter, which is none.
  const rows = new Uint8Array(height * (stride + 1));
  for (let row = 0; row < height; row++) {
    rows.set(data.subarray(row * stride, (row + 1) * stride), row * (stride + 1) + 1);
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, channels === 1 ? 0 : 2], 8);
  const deflated = new Response(
    new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate")),
  );
  return await new Blob([
    PNG_MAGIC,
    encodeChunk("IHDR", header),
    encodeChunk("IDAT", new Uint8Array(await deflated.arrayBuffer())),
    encodeChunk("IEND", new Uint8Array()),
  ]).arrayBuffer().then((buffer) => new Uint8Array(buffer));
}

function encodeChunk(tag: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const chunk = new Uint8Array(12 + content.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, content.length);
  chunk.set(new TextEncoder().encode(tag), 4);
  chunk.set(content, 8);
  view.setUint32(8 + content.length, crc32(chunk.subarray(4, 8 + content.length)));
  return chunk;
}
