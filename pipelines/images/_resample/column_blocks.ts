import { LOWER_BITS, type Taps } from "./taps.ts";

/** How many bytes are worked on at a time. */
export const BLOCK = 16;

/** The size of the table for one block, in bytes. */
const SIZE = 11 * BLOCK;

/**
 * Makes the table that `mixColumns` reads: for each block of a resampled row of pixels where its bytes come from, and
 * their weights.
 *
 * @returns The table; nothing where a sample is made of more than two, or those of a block are too far apart, as they
 * are when an image shrinks.
 */
export function tabulateColumns(
  { outputs, width, firsts, counts, fixedWeights }: Taps,
  channels: number,
): Uint8Array<ArrayBuffer> | undefined {
  const rowLength = outputs * channels;
  const blocks = Math.ceil(rowLength / BLOCK);
  const table = new DataView(new ArrayBuffer(blocks * SIZE));
  for (let block = 0; block < blocks; block++) {
    const at = block * SIZE;
    const offset = firsts[Math.floor(block * BLOCK / channels)]! * channels;
    table.setUint32(at, offset, true);
    // Results of the bytes after a row are overwritten, or not part of the image.
    const length = Math.min(BLOCK, rowLength - block * BLOCK);
    for (let i = 0; i < length; i++) {
      const byte = block * BLOCK + i;
      const o = Math.floor(byte / channels);
      const count = counts[o]!;
      if (count > 2) return undefined;
      const first = firsts[o]! * channels + byte % channels - offset;
      const second = count === 2 ? first + channels : first;
      if (second >= BLOCK) return undefined;
      table.setUint8(at + BLOCK + 2 * i, first);
      table.setUint8(at + BLOCK + 2 * i + 1, second);
      const weightsAt = at + 3 * BLOCK + Math.floor(i / 4) * 2 * BLOCK + i % 4 * 4;
      for (let t = 0; t < count; t++) {
        const weight = fixedWeights[o * width + t]!;
        table.setInt16(weightsAt + 2 * t, weight >> LOWER_BITS, true);
        table.setInt16(weightsAt + BLOCK + 2 * t, weight & (1 << LOWER_BITS) - 1, true);
      }
    }
  }
  return new Uint8Array(table.buffer);
}
