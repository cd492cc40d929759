import { readOrientation } from "./_exif.ts";
import { type ImageFacts, ImageProblem, makeCutShortProblem, readTag } from "./_image_header.ts";

/** The facts of an image that a WebP tells, and the part of it to decode. */
export interface Webp extends ImageFacts {
  /** The picture within the image: all of it, or the first frame of an animation. */
  readonly frame: WebpFrame;
}

interface WebpFrame {
  /** A WebP file of the picture alone. */
  readonly bytes: Uint8Array;
  readonly height: number;
  readonly width: number;
  /** The row and the column of the image where it begins. */
  readonly top: number;
  readonly left: number;
}

/**
 * Reads the facts of a WebP's image. See https://developers.google.com/speed/webp/docs/riff_container.
 *
 * @param headerOnly Whether the picture doesn't matter, nor whether it is there.
 */
export function readWebp(bytes: Uint8Array, headerOnly = false): Webp {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 30 || (!headerOnly && view.getUint32(4, true) + 8 > bytes.length)) {
    throw makeCutShortProblem(bytes);
  }
  const header = readHeader(bytes, view);
  if (!header) throw new ImageProblem("its header is invalid");
  const { height, width } = header;
  const flags = readTag(bytes, 12) === "VP8X" ? view.getUint8(20) : 0;
  const frame = flags & ANIMATED && !headerOnly
    ? readFrame(bytes, view, header)
    : { bytes, height, width, top: 0, left: 0 };
  const exif = flags & EXIF ? findExif(bytes, view) : undefined;
  return { ...header, frame, orientation: exif ? readOrientation(exif) : 1 };
}

/** Finds the chunk of EXIF, as a rule the last, in as much of the file as there is. */
function findExif(bytes: Uint8Array, view: DataView): Uint8Array | undefined {
  const end = Math.min(view.getUint32(4, true) + 8, bytes.length);
  for (let at = 12; at + 8 <= end;) {
    const next = at + 8 + view.getUint32(at + 4, true);
    if (readTag(bytes, at) === "EXIF") return bytes.subarray(at + 8, Math.min(next, end));
    at = next + (next & 1);
  }
  return undefined;
}

type Shape = Omit<ImageFacts, "orientation">;

function readHeader(bytes: Uint8Array, view: DataView): Shape | undefined {
  switch (readTag(bytes, 12)) {
    case "VP8X":
      return {
        height: 1 + readU24(view, 27),
        width: 1 + readU24(view, 24),
        channels: view.getUint8(20) & ALPHA ? 4 : 3,
      };
    case "VP8L": {
      if (bytes[20] !== 0x2f) return undefined;
      const bits = view.getUint32(21, true);
      return {
        height: 1 + (bits >> 14 & 0x3fff),
        width: 1 + (bits & 0x3fff),
        channels: bits >> 28 & 1 ? 4 : 3,
      };
    }
    case "VP8 ": {
      if (readU24(view, 23) !== 0x2a019d) return undefined;
      const height = view.getUint16(28, true) & 0x3fff;
      const width = view.getUint16(26, true) & 0x3fff;
      return height === 0 || width === 0 ? undefined : { height, width, channels: 3 };
    }
    default:
      return undefined;
  }
}

/** Finds the first frame of an animation, and makes a file of it. */
function readFrame(bytes: Uint8Array, view: DataView, image: Shape): WebpFrame {
  const end = view.getUint32(4, true) + 8;
  for (let at = 12; at + 8 <= end;) {
    const next = at + 8 + view.getUint32(at + 4, true);
    if (next > end) throw makeCutShortProblem(bytes);
    if (readTag(bytes, at) === "ANMF") {
      if (next < at + 24) throw new ImageProblem("its first frame has no header");
      const left = 2 * readU24(view, at + 8);
      const top = 2 * readU24(view, at + 11);
      const width = 1 + readU24(view, at + 14);
      const height = 1 + readU24(view, at + 17);
      if (left + width > image.width || top + height > image.height) {
        throw new ImageProblem("its first frame is larger than the image");
      }
      return {
        bytes: makeFile(bytes.subarray(at + 24, next), height, width),
        height,
        width,
        top,
        left,
      };
    }
    at = next + (next & 1);
  }
  throw new ImageProblem("it has no frame");
}

/** Makes a WebP file of a frame's chunks: an extended one, as its alpha may be in a chunk of its own. */
function makeFile(chunks: Uint8Array, height: number, width: number): Uint8Array {
  const file = new Uint8Array(30 + chunks.length);
  const view = new DataView(file.buffer);
  file.set(new TextEncoder().encode("RIFF____WEBPVP8X"));
  view.setUint32(4, file.length - 8, true);
  view.setUint32(16, 10, true);
  view.setUint32(20, readTag(chunks, 0) === "ALPH" ? ALPHA : 0, true);
  view.setUint16(24, width - 1, true);
  view.setUint8(26, width - 1 >> 16);
  view.setUint16(27, height - 1, true);
  view.setUint8(29, height - 1 >> 16);
  file.set(chunks, 30);
  return file;
}

/** Places the pixels of a frame, of four channels, in an image that is transparent and black elsewhere. */
export function placeFrame(
  { height, width, frame }: Webp,
  pixels: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  if (frame.height === height && frame.width === width) return pixels;
  const image = new Uint8Array(4 * height * width);
  for (let row = 0; row < frame.height; row++) {
    const from = 4 * row * frame.width;
    const line = pixels.subarray(from, from + 4 * frame.width);
    image.set(line, 4 * ((frame.top + row) * width + frame.left));
  }
  return image;
}

const readU24 = (view: DataView, at: number): number =>
  view.getUint16(at, true) | view.getUint8(at + 2) << 16;

/** Flags of an extended file. */
const ANIMATED = 0x02;
const EXIF = 0x08;
const ALPHA = 0x10;
