/**
 * Encodes images as PNG files.
 *
 * @module
 */

import { crc32 } from "../_bytes/crc32.ts";
import { checkByteImage } from "../data/_image_data.ts";
import type { Image } from "../data/image.ts";

export type { Image, ImageData } from "../data/image.ts";

/**
 * Encodes an image of bytes as a PNG file, without loss: {@linkcode decodeImageBytes} gives the same bytes again, those of alpha and of the
 * colors below it, too. Compresses by the engine's own zlib, each row by the filter that makes its samples smallest.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodePng } from "@rill/rill/pipelines";
 * import { decodeImageBytes } from "@rill/rill/pipelines/decode-image";
 *
 * const image = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), height: 1, width: 2, channels: 3 };
 * assertEquals(await decodeImageBytes(await encodePng(image)), image);
 * ```
 *
 * @param image The image, of 1 (gray), 2 (gray and alpha), 3 (RGB) or 4 channels (RGBA).
 * @returns The content of the file.
 * @throws {TypeError} When the image is of floats.
 * @throws {RangeError} When it has more channels, or its shape isn't that of its data.
 */
export function encodePng(image: Image): Promise<Uint8Array<ArrayBuffer>> {
  checkByteImage("encode image as PNG", image);
  return encode(image);
}

async function encode(
  { data, height, width, channels }: Image<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, COLOR_TYPES[channels - 1]!], 8);
  const deflated = new Response(
    new Blob([filterRows(data, height, width * channels, channels)]).stream()
      .pipeThrough(new CompressionStream("deflate")),
  );
  const file = new Blob([
    MAGIC,
    encodeChunk("IHDR", header),
    encodeChunk("IDAT", new Uint8Array(await deflated.arrayBuffer())),
    encodeChunk("IEND", new Uint8Array()),
  ]);
  return new Uint8Array(await file.arrayBuffer());
}

/** The numbers of gray, gray and alpha, RGB, RGBA. */
const COLOR_TYPES = [0, 4, 2, 6];

/**
 * Filters the rows of an image, each by the filter that PNG's specification advises: that whose bytes, as signed numbers, have the
 * least sum. A row begins with the number of its filter.
 */
function filterRows(
  data: Uint8Array<ArrayBuffer>,
  height: number,
  stride: number,
  step: number,
): Uint8Array<ArrayBuffer> {
  const rows = new Uint8Array(height * (stride + 1));
  const tries = FILTERS.map(() => new Uint8Array(stride));
  for (let row = 0; row < height; row++) {
    const start = row * stride;
    let best = 0;
    let least = Infinity;
    for (const [filter, predict] of FILTERS.entries()) {
      const output = tries[filter]!;
      let sum = 0;
      for (let i = 0; i < stride; i++) {
        const left = i < step ? 0 : data[start + i - step]!;
        const above = row === 0 ? 0 : data[start + i - stride]!;
        const corner = row === 0 || i < step ? 0 : data[start + i - stride - step]!;
        const byte = output[i] = data[start + i]! - predict(left, above, corner);
        const stored = byte & 255;
        sum += stored < 128 ? stored : 256 - stored;
      }
      if (sum >= least) continue;
      least = sum;
      best = filter;
    }
    rows[row * (stride + 1)] = best;
    rows.set(tries[best]!, row * (stride + 1) + 1);
  }
  return rows;
}

/** What each filter of PNG takes a sample for, by those to its left, above it, and above that one. */
const FILTERS: readonly ((left: number, above: number, corner: number) => number)[] = [
  () => 0,
  (left) => left,
  (_, above) => above,
  (left, above) => left + above >> 1,
  predictPaeth,
];

function predictPaeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** The first bytes of every PNG file. */
const MAGIC = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);

function encodeChunk(tag: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const chunk = new Uint8Array(12 + content.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, content.length);
  chunk.set(new TextEncoder().encode(tag), 4);
  chunk.set(content, 8);
  view.setUint32(8 + content.length, crc32(chunk.subarray(4, 8 + content.length)));
  return chunk;
}
