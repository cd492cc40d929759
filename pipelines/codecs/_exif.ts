import type { ImageOrientation } from "./orient_image.ts";

/**
 * Reads the orientation of an EXIF block, which is a TIFF file of tags: with or without the six bytes that JPEG puts before
 * it. What is broken, odd or missing leaves the image as it is stored, as viewers do.
 */
export function readOrientation(exif: Uint8Array): ImageOrientation {
  const start = PREFIX.every((byte, i) => exif[i] === byte) ? PREFIX.length : 0;
  const tiff = new DataView(exif.buffer, exif.byteOffset + start, exif.byteLength - start);
  if (tiff.byteLength < 8) return 1;
  const order = tiff.getUint16(0);
  if (order !== LITTLE && order !== BIG) return 1;
  const isLittle = order === LITTLE;
  if (tiff.getUint16(2, isLittle) !== 42) return 1;
  const directory = tiff.getUint32(4, isLittle);
  if (directory + 2 > tiff.byteLength) return 1;
  const entries = tiff.getUint16(directory, isLittle);
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + 12 * i;
    if (at + 12 > tiff.byteLength) return 1;
    if (tiff.getUint16(at, isLittle) !== ORIENTATION) continue;
    const type = tiff.getUint16(at + 2, isLittle);
    if (tiff.getUint32(at + 4, isLittle) !== 1) return 1;
    const value = type === SHORT
      ? tiff.getUint16(at + 8, isLittle)
      : type === LONG
      ? tiff.getUint32(at + 8, isLittle)
      : 1;
    return value >= 1 && value <= 8 ? value as ImageOrientation : 1;
  }
  return 1;
}

/** Whether a segment of a JPEG is EXIF's, and no other program's. */
export const isExif = (segment: Uint8Array): boolean =>
  PREFIX.slice(0, 5).every((byte, i) => segment[i] === byte);

/** `Exif` and two zeros, of which the second is padding. */
const PREFIX: readonly number[] = [0x45, 0x78, 0x69, 0x66, 0, 0];
/** `II` and `MM`. */
const LITTLE = 0x4949;
const BIG = 0x4d4d;
const ORIENTATION = 0x0112;
/** Types of a tag's value: 16 and 32 bits. */
const SHORT = 3;
const LONG = 4;
