import { crc32 } from "../_bytes/crc32.ts";
import { decompress } from "../_bytes/decompress.ts";
import { fourBytes, type ImageHeader, ImageProblem } from "./_image_header.ts";

/** What a PNG's chunks say: how its samples are stored, and where. */
export interface Png extends ImageHeader {
  /** Bits of a stored sample. */
  readonly depth: number;
  /** Samples of a stored pixel: 1 where it is an index of the palette. */
  readonly stored: number;
  readonly interlaced: boolean;
  /** The colors, three bytes each, of an image that has a palette. */
  readonly palette?: Uint8Array;
  /** The alpha of the palette's first colors, or the color that is transparent, two bytes a sample. */
  readonly transparency?: Uint8Array;
  /** The compressed samples. */
  readonly data: readonly Uint8Array[];
}

/** Reads the chunks of a PNG and decompresses nothing. */
export function readPng(bytes: Uint8Array): Png {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Partial<Record<string, Uint8Array>> = {};
  const data: Uint8Array[] = [];
  let last = "";
  for (let at = SIGNATURE_SIZE; last !== "IEND";) {
    if (at + 12 > bytes.length) throw cutShort(bytes);
    const length = view.getUint32(at);
    const type = fourBytes(bytes, at + 4);
    const end = at + 12 + length;
    if (last === "" && (type !== "IHDR" || length !== 13)) {
      throw new ImageProblem("it does not begin with a header");
    }
    if (!/^[A-Za-z]{4}$/.test(type)) throw new ImageProblem(`there is no chunk at byte ${at}`);
    if (end > bytes.length) throw cutShort(bytes);
    const isCritical = type[0] < "a";
    if (isCritical || type === "tRNS") {
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
  return checked(chunks.IHDR!, chunks.PLTE, chunks.tRNS, data);
}

function checked(
  header: Uint8Array,
  palette: Uint8Array | undefined,
  transparency: Uint8Array | undefined,
  data: readonly Uint8Array[],
): Png {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, type, compression, filter, interlace] = header.subarray(8);
  const kind = KINDS[type];
  if (!kind?.depths.includes(depth)) {
    throw new ImageProblem(`its header has a type of color that is none: ${type}, ${depth} bits`);
  }
  if (width === 0 || height === 0 || width >= 2 ** 31 || height >= 2 ** 31) {
    throw new ImageProblem(`its header has a size that is none: ${height} × ${width}`);
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw new ImageProblem("its header has a method that is unknown");
  }
  if (data.length === 0) throw new ImageProblem("it has no data");
  const isIndexed = type === 3;
  if (isIndexed && (!palette?.length || palette.length % 3 !== 0 || palette.length > 768)) {
    throw new ImageProblem("its palette is missing or none");
  }
  const hasAlpha = type === 4 || type === 6;
  if (transparency && !isIndexed && (hasAlpha || transparency.length !== 2 * kind.stored)) {
    throw new ImageProblem("its transparent color is none");
  }
  return {
    height,
    width,
    channels: (isIndexed ? 3 : kind.stored) + (transparency ? 1 : 0),
    depth,
    stored: kind.stored,
    interlaced: interlace === 1,
    palette: isIndexed ? palette : undefined,
    transparency,
    data,
  };
}

/** Decodes the samples: 8 bits each, the channels those of the header. */
export async function decodePng(png: Png): Promise<Uint8Array<ArrayBuffer>> {
  const { height, width, channels, depth, stored } = png;
  const passes = (png.interlaced ? ADAM7 : [{ x: 0, y: 0, dx: 1, dy: 1 }]).map((pass) => ({
    ...pass,
    columns: Math.ceil((width - pass.x) / pass.dx),
    rows: Math.ceil((height - pass.y) / pass.dy),
  })).filter(({ columns, rows }) => columns > 0 && rows > 0);
  const lineSize = (columns: number) => Math.ceil(columns * stored * depth / 8);
  const size = passes.reduce((sum, { rows, columns }) => sum + rows * (1 + lineSize(columns)), 0);
  const raw = await inflate(png.data, size);

  const pixelSize = Math.max(1, stored * depth >> 3);
  const output = new Uint8Array(height * width * channels);
  const write = writer(png, output);
  let at = 0;
  for (const { x, y, dx, dy, columns, rows } of passes) {
    const length = lineSize(columns);
    let above: Uint8Array = new Uint8Array(length);
    for (let row = 0; row < rows; row++) {
      const line = raw.subarray(at + 1, at + 1 + length);
      unfilter(raw[at], line, above, pixelSize);
      write(line, columns, ((y + row * dy) * width + x) * channels, dx * channels);
      above = line;
      at += 1 + length;
    }
  }
  return output;
}

/** Decompresses to `size` bytes, no more and no fewer. */
async function inflate(
  data: readonly Uint8Array[],
  size: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const compressed = data.reduce((sum, { length }) => sum + length, 0);
  // So no file can ask for more memory than a multiple of its own size.
  if (compressed * MAX_RATIO < size) {
    throw new ImageProblem(`its data is cut short: ${compressed} bytes can't hold ${size}`);
  }
  const raw = new Uint8Array(size);
  let filled = 0;
  try {
    let next = 0;
    for await (const chunk of decompress("deflate", () => data[next++])) {
      if (filled + chunk.length > size) {
        throw new ImageProblem("its data is more than it should be");
      }
      raw.set(chunk, filled);
      filled += chunk.length;
    }
  } catch (error) {
    if (error instanceof ImageProblem) throw error;
    throw new ImageProblem(`its data is damaged after ${filled} of ${size} bytes`, {
      cause: error,
    });
  }
  if (filled < size) throw new ImageProblem(`its data ends after ${filled} of ${size} bytes`);
  return raw;
}

/** Undoes a line's filter in place. See https://www.w3.org/TR/png-3/#9Filters. */
function unfilter(type: number, line: Uint8Array, above: Uint8Array, step: number): void {
  const { length } = line;
  switch (type) {
    case 0:
      return;
    case 1:
      for (let i = step; i < length; i++) line[i] += line[i - step];
      return;
    case 2:
      for (let i = 0; i < length; i++) line[i] += above[i];
      return;
    case 3:
      for (let i = 0; i < Math.min(step, length); i++) line[i] += above[i] >> 1;
      for (let i = step; i < length; i++) line[i] += line[i - step] + above[i] >> 1;
      return;
    case 4:
      for (let i = 0; i < Math.min(step, length); i++) line[i] += above[i];
      for (let i = step; i < length; i++) {
        const a = line[i - step];
        const b = above[i];
        const c = above[i - step];
        const pa = Math.abs(b - c);
        const pb = Math.abs(a - c);
        const pc = Math.abs(a + b - 2 * c);
        line[i] += pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
      }
      return;
    default:
      throw new ImageProblem(`its data has a line with an unknown filter: ${type}`);
  }
}

/** A function that writes the pixels of a line from `to` on, each `step` behind the one before it. */
function writer(
  { depth, stored, channels, palette, transparency }: Png,
  output: Uint8Array,
): (line: Uint8Array, pixels: number, to: number, step: number) => void {
  const bytes = depth >> 3;
  const mask = (1 << depth) - 1;
  const sampleAt = bytes > 0
    ? (line: Uint8Array, i: number) => line[i * bytes] // Of 16 bits, the higher 8.
    : (line: Uint8Array, i: number) => {
      const bit = i * depth;
      return line[bit >> 3] >> 8 - depth - (bit & 7) & mask;
    };

  if (palette) {
    const colors = palette.length / 3;
    return (line, pixels, to, step) => {
      for (let i = 0; i < pixels; i++, to += step) {
        const index = sampleAt(line, i);
        if (index >= colors) {
          throw new ImageProblem(`it has color ${index} of a palette of ${colors}`);
        }
        for (let c = 0; c < 3; c++) output[to + c] = palette[3 * index + c];
        if (transparency) output[to + 3] = transparency[index] ?? 255;
      }
    };
  }

  // Fewer than 8 bits are spread over all of them: 1 to 255, 2 to 85 apart, 4 to 17 apart.
  const scale = bytes > 0 ? 1 : 255 / mask;
  const isTransparent = (line: Uint8Array, pixel: number) => {
    for (let c = 0; c < stored; c++) {
      const i = pixel * stored + c;
      const low = bytes === 2 ? line[2 * i + 1] : sampleAt(line, i);
      const high = bytes === 2 ? line[2 * i] : 0;
      if (transparency![2 * c] !== high || transparency![2 * c + 1] !== low) return false;
    }
    return true;
  };
  return (line, pixels, to, step) => {
    if (depth === 8 && !transparency && step === channels) {
      output.set(line, to);
      return;
    }
    for (let i = 0; i < pixels; i++, to += step) {
      for (let c = 0; c < stored; c++) output[to + c] = scale * sampleAt(line, i * stored + c);
      if (transparency) output[to + stored] = isTransparent(line, i) ? 0 : 255;
    }
  };
}

const cutShort = ({ length }: Uint8Array): ImageProblem =>
  new ImageProblem(`it is cut short: it ends after ${length} bytes`);

const SIGNATURE_SIZE = 8;
const KNOWN: readonly string[] = ["IHDR", "PLTE", "IEND", "tRNS"];

/** The types of color: stored samples in a pixel, and bits that a sample may have. */
const KINDS: Readonly<Record<number, { stored: number; depths: readonly number[] } | undefined>> = {
  0: { stored: 1, depths: [1, 2, 4, 8, 16] },
  2: { stored: 3, depths: [8, 16] },
  3: { stored: 1, depths: [1, 2, 4, 8] },
  4: { stored: 2, depths: [8, 16] },
  6: { stored: 4, depths: [8, 16] },
};

/** The passes of an interlaced image: the first pixel of each, and the distance to the next. */
const ADAM7: readonly { x: number; y: number; dx: number; dy: number }[] = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
];

/** Deflate makes at most 1032 bytes of one. */
const MAX_RATIO = 1032;
