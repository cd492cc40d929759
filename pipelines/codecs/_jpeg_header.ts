import { isExif, readOrientation } from "./_exif.ts";
import { type ImageFacts, ImageProblem, makeCutShortProblem } from "./_image_header.ts";
import type { ImageOrientation } from "./orient_image.ts";

/** The facts of an image that a JPEG tells. */
export interface JpegHeader extends ImageFacts {
  /** How many bytes there are from the first scan on. */
  readonly dataSize: number;
}

/**
 * Reads the facts of a JPEG's image, and follows its markers to the end, so that a file that is cut short, or
 * that would take more time than its size warrants, is refused before it is decoded.
 *
 * @param headerOnly Whether to follow them only to the first scan.
 */
export function readJpeg(bytes: Uint8Array, headerOnly = false): JpegHeader {
  const { length } = bytes;
  let frame: Omit<ImageFacts, "orientation"> | undefined;
  let orientation: ImageOrientation | undefined;
  let scans = 0;
  let firstScan = 0;
  for (let at = 2;;) {
    // Markers may follow any number of 0xff; the decoder checks the bytes before those.
    at = bytes.indexOf(0xff, at);
    if (at < 0) throw makeCutShortProblem(bytes);
    while (bytes[at] === 0xff) at++;
    if (at >= length) throw makeCutShortProblem(bytes);
    const marker = bytes[at++]!;
    // In compressed data these are an 0xff byte, or a restart marker.
    if (marker === 0 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) continue;
    if (marker === END || (headerOnly && marker === SCAN)) break;
    if (at + 2 > length) throw makeCutShortProblem(bytes);
    const size = bytes[at]! << 8 | bytes[at + 1]!;
    if (size < 2) throw new ImageProblem(`the marker at byte ${at - 1} has no length`);
    if (at + size > length) throw makeCutShortProblem(bytes);
    if (FRAMES.has(marker)) {
      if (frame) throw new ImageProblem("it has more than one frame");
      const unsupported = UNSUPPORTED[marker];
      if (unsupported) throw new ImageProblem(`it is ${unsupported} JPEG, which can't be decoded`);
      frame = readFrame(bytes.subarray(at, at + size));
    } else if (marker === SCAN) {
      if (scans++ === 0) firstScan = at;
      if (scans > MAX_SCANS) throw new ImageProblem(`it has more than ${MAX_SCANS} scans`);
    } else if (marker === APPLICATION_1 && scans === 0 && orientation === undefined) {
      const segment = bytes.subarray(at + 2, at + size);
      if (isExif(segment)) orientation = readOrientation(segment);
    }
    at += size;
  }
  if (!frame || (scans === 0 && !headerOnly)) throw new ImageProblem("it has no image");
  return { ...frame, orientation: orientation ?? 1, dataSize: length - firstScan };
}

/** Refuses a size that so few bytes cannot hold, so that no file can ask for more memory than a multiple of its own. */
export function checkJpegData({ height, width, dataSize }: JpegHeader): void {
  // Each block of 8 × 8 takes at least one bit.
  if (dataSize * 8 >= Math.ceil(height / 8) * Math.ceil(width / 8)) return;
  throw new ImageProblem(
    `its data is cut short: ${dataSize} bytes can't hold ${height} × ${width}`,
  );
}

function readFrame(segment: Uint8Array): Omit<ImageFacts, "orientation"> {
  if (segment.length < 8) throw new ImageProblem("its header has no size");
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  const bits = view.getUint8(2);
  if (bits !== 8) throw new ImageProblem(`it has ${bits} bits a sample: 8 can be decoded`);
  const [height, width, channels] = [view.getUint16(3), view.getUint16(5), view.getUint8(7)];
  if (height === 0 || width === 0) throw new ImageProblem("its header has no size");
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw new ImageProblem(`it has ${channels} channels: 1, 3 or 4 can be decoded`);
  }
  // Four are CMYK, which becomes RGB.
  return { height, width, channels: Math.min(channels, 3) };
}

/** The markers of frames: all from 0xc0 to 0xcf but those of tables. */
const FRAMES: ReadonlySet<number> = new Set(
  Array.from({ length: 16 }, (_, i) => 0xc0 + i).filter((marker) =>
    ![0xc4, 0xc8, 0xcc].includes(marker)
  ),
);

/** The processes that no usual tool decodes, by their frames' markers; 0xc9 and 0xca are arithmetic coding. */
const UNSUPPORTED: Readonly<Record<number, string>> = {
  0xc3: "lossless",
  0xc5: "hierarchical",
  0xc6: "hierarchical",
  0xc7: "hierarchical lossless",
  0xcb: "lossless",
  0xcd: "hierarchical",
  0xce: "hierarchical",
  0xcf: "hierarchical lossless",
};
const APPLICATION_1 = 0xe1;
const SCAN = 0xda;
const END = 0xd9;

/** Encoders make about ten scans; a file of thousands would take hours. */
const MAX_SCANS = 100;
