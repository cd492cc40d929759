import { crc32 } from "../_bytes/crc32.ts";
import { readOrientation } from "./_exif.ts";
import { type ImageFacts, ImageProblem, makeCutShortProblem, readTag } from "./_image_header.ts";

/** The content of a PNG's chunks: how its samples are stored, and the samples, compressed. */
export interface Png extends ImageFacts {
  /** Bits of a stored sample. */
  readonly depth: number;
  /** Samples of a stored pixel: 1 where it is an index into the palette. */
  readonly stored: number;
  readonly interlaced: boolean;
  /** The colors, three bytes each, of an image with a palette. */
  readonly palette?: Uint8Array | undefined;
  /** The alpha of the palette's first colors, or the color that is transparent, two bytes a sample. */
  readonly transparency?: Uint8Array | undefined;
  /** The compressed samples. */
  readonly data: readonly Uint8Array[];
}

/**
 * Reads the chunks of a PNG, without decompressing the samples.
 *
 * @param headerOnly Whether the samples don't matter, nor whether they are there.
 */
export function readPng(bytes: Uint8Array, headerOnly = false): Png {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Partial<Record<string, Uint8Array>> = {};
  const data: Uint8Array[] = [];
  let last = "";
  for (let at = SIGNATURE_SIZE; last !== "IEND";) {
    // What is before the samples is the header, whatever comes behind their beginning.
    const isKnown = headerOnly && data.length > 0;
    if (isKnown && at + 12 > bytes.length) break;
    if (at + 12 > bytes.length) throw makeCutShortProblem(bytes);
    const length = view.getUint32(at);
    const type = readTag(bytes, at + 4);
    const end = at + 12 + length;
    if (last === "" && (type !== "IHDR" || length !== 13)) {
      throw new ImageProblem("it does not begin with a header");
    }
    if (isKnown && end > bytes.length) break;
    if (!/^[A-Za-z]{4}$/.test(type)) {
      throw new ImageProblem(`there is no valid chunk at byte ${at}`);
    }
    if (headerOnly && type === "IDAT") {
      data.push(new Uint8Array());
      last = type;
      at = end;
      continue;
    }
    if (end > bytes.length) throw makeCutShortProblem(bytes);
    const isCritical = type < "a";
    if (type === "eXIf" && !("eXIf" in chunks)) {
      // A broken one is no reason to refuse the image.
      const isSound = crc32(bytes.subarray(at + 4, end - 4)) === view.getUint32(end - 4);
      if (isSound) chunks.eXIf = bytes.subarray(at + 8, end - 4);
    } else if (isCritical || type === "tRNS") {
      if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
        throw new ImageProblem(`the chunk ${type} at byte ${at} has a wrong checksum`);
      }
      const content = bytes.subarray(at + 8, end - 4);
      if (type === "IDAT") {
        if (data.length > 0 && last !== "IDAT") {
          throw new ImageProblem("its data is in more than one place");
        }
        data.push(content);
      } else if (!KNOWN.includes(type)) {
        throw new ImageProblem(`the chunk ${type} at byte ${at} is unknown`);
      } else if (type in chunks) {
        throw new ImageProblem(`it has two chunks ${type}`);
      } else {
        chunks[type] = content;
      }
    }
    last = type;
    at = end;
  }
  if (!chunks.IHDR) throw new ImageProblem("it does not begin with a header");
  const orientation = chunks.eXIf ? readOrientation(chunks.eXIf) : 1;
  return { ...readHeader(chunks.IHDR, chunks.PLTE, chunks.tRNS, data), orientation };
}

/** Reads the header chunk, and checks the others against it. */
function readHeader(
  header: Uint8Array,
  palette: Uint8Array | undefined,
  transparency: Uint8Array | undefined,
  data: readonly Uint8Array[],
): Omit<Png, "orientation"> {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth = 0, type = 0, compression, filter, interlace = 0] = header.subarray(8);
  const colorType = COLOR_TYPES[type];
  if (!colorType?.depths.includes(depth)) {
    throw new ImageProblem(`its header has an invalid color type: ${type} with ${depth} bits`);
  }
  if (width === 0 || height === 0 || width >= 2 ** 31 || height >= 2 ** 31) {
    throw new ImageProblem(`its header has an invalid size: ${height} × ${width}`);
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw new ImageProblem("its header has an unknown method");
  }
  if (data.length === 0) throw new ImageProblem("it has no data");
  const isIndexed = type === 3;
  if (isIndexed && (!palette?.length || palette.length % 3 !== 0 || palette.length > 768)) {
    throw new ImageProblem("its palette is missing or invalid");
  }
  const hasAlpha = type === 4 || type === 6;
  if (transparency && !isIndexed && (hasAlpha || transparency.length !== 2 * colorType.stored)) {
    throw new ImageProblem("its transparent color is invalid");
  }
  return {
    height,
    width,
    channels: (isIndexed ? 3 : colorType.stored) + (transparency ? 1 : 0),
    depth,
    stored: colorType.stored,
    interlaced: interlace === 1,
    palette: isIndexed ? palette : undefined,
    transparency,
    data,
  };
}

const SIGNATURE_SIZE = 8;
const KNOWN: readonly string[] = ["IHDR", "PLTE", "IEND", "tRNS"];

/** The color types: stored samples of a pixel, and the bits that a sample may have. */
const COLOR_TYPES: Readonly<Record<number, { stored: number; depths: readonly number[] }>> = {
  0: { stored: 1, depths: [1, 2, 4, 8, 16] },
  2: { stored: 3, depths: [8, 16] },
  3: { stored: 1, depths: [1, 2, 4, 8] },
  4: { stored: 2, depths: [8, 16] },
  6: { stored: 4, depths: [8, 16] },
};
