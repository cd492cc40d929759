import { type ImageHeader, ImageProblem, makeCutShortProblem, readTag } from "./_image_header.ts";

/** Reads the facts of a WebP's image. See https://developers.google.com/speed/webp/docs/riff_container. */
export function readWebp(bytes: Uint8Array): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 30 || view.getUint32(4, true) + 8 > bytes.length) {
    throw makeCutShortProblem(bytes);
  }
  const readU24 = (at: number) => view.getUint16(at, true) | view.getUint8(at + 2) << 16;
  const type = readTag(bytes, 12);
  switch (type) {
    case "VP8X":
      if (view.getUint8(20) & 0x02) throw new ImageProblem("it is animated");
      return {
        height: 1 + readU24(27),
        width: 1 + readU24(24),
        channels: view.getUint8(20) & 0x10 ? 4 : 3,
      };
    case "VP8L": {
      if (bytes[20] !== 0x2f) break;
      const bits = view.getUint32(21, true);
      return {
        height: 1 + (bits >> 14 & 0x3fff),
        width: 1 + (bits & 0x3fff),
        channels: bits >> 28 & 1 ? 4 : 3,
      };
    }
    case "VP8 ": {
      if (readU24(23) !== 0x2a019d) break;
      const height = view.getUint16(28, true) & 0x3fff;
      const width = view.getUint16(26, true) & 0x3fff;
      if (height === 0 || width === 0) break;
      return { height, width, channels: 3 };
    }
  }
  throw new ImageProblem("its header is invalid");
}
