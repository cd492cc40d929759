import { type ByteImage, checkColorBytes } from "./_color_bytes.ts";

/** The byte that each byte becomes: `table[256 * channel + byte]`, or `table[byte]` for all channels alike. */
export type ByteTable = Uint8Array<ArrayBuffer>;

/** Makes the table of a function of bytes, the same for all channels. What isn't a byte is clipped and cut. */
export function makeByteTable(fn: (byte: number) => number): ByteTable {
  const table = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) table[byte] = Math.min(Math.max(fn(byte), 0), 255);
  return table;
}

/**
 * Replaces the bytes of a gray or RGB image by those of a table.
 *
 * @throws {RangeError} When the image has not 1 or 3 channels, or its shape does not fit its data.
 * @throws {TypeError} When the image is not of bytes.
 */
export function mapBytes(image: ByteImage, table: ByteTable): ByteImage {
  checkColorBytes(image);
  const { data, height, width, channels } = image;
  const output = new Uint8Array(data.length);
  if (table.length === 256) mapAll(data, table, output);
  else mapRgb(data, table, output);
  return { data: output, height, width, channels };
}

/** Counts the bytes of each channel of a gray or RGB image, `counts[256 * channel + byte]`. */
export function countBytes({ data, channels }: ByteImage): Uint32Array {
  const counts = new Uint32Array(256 * channels);
  if (channels === 1) {
    for (let i = 0; i < data.length; i++) counts[data[i]!]!++;
  } else {
    for (let i = 0; i < data.length; i += 3) {
      counts[data[i]!]!++;
      counts[256 + data[i + 1]!]!++;
      counts[512 + data[i + 2]!]!++;
    }
  }
  return counts;
}

// Both write several bytes at a time, which is faster than one by one.

function mapAll(data: Uint8Array, table: ByteTable, output: Uint8Array): void {
  const { length } = data;
  let i = 0;
  for (; i < length - 3; i += 4) {
    output[i] = table[data[i]!]!;
    output[i + 1] = table[data[i + 1]!]!;
    output[i + 2] = table[data[i + 2]!]!;
    output[i + 3] = table[data[i + 3]!]!;
  }
  for (; i < length; i++) output[i] = table[data[i]!]!;
}

function mapRgb(data: Uint8Array, table: ByteTable, output: Uint8Array): void {
  for (let i = 0; i < data.length; i += 3) {
    output[i] = table[data[i]!]!;
    output[i + 1] = table[256 + data[i + 1]!]!;
    output[i + 2] = table[512 + data[i + 2]!]!;
  }
}
