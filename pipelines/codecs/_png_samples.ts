import { decompress } from "../_bytes/decompress.ts";
import { ImageProblem } from "./_image_header.ts";
import type { Png } from "./_png_chunks.ts";

/** Decodes the samples of a PNG to 8 bits each, with the channels of its header. */
export async function decodePng(png: Png): Promise<Uint8Array<ArrayBuffer>> {
  const { height, width, channels, depth, stored } = png;
  const passes = (png.interlaced ? ADAM7 : [{ x: 0, y: 0, dx: 1, dy: 1 }]).map((pass) => ({
    ...pass,
    columns: Math.ceil((width - pass.x) / pass.dx),
    rows: Math.ceil((height - pass.y) / pass.dy),
  })).filter(({ columns, rows }) => columns > 0 && rows > 0);
  const getLineSize = (columns: number) => Math.ceil(columns * stored * depth / 8);
  const size = passes.reduce(
    (sum, { rows, columns }) => sum + rows * (1 + getLineSize(columns)),
    0,
  );
  const raw = await inflate(png.data, size);

  const pixelSize = Math.max(1, stored * depth >> 3);
  const output = new Uint8Array(height * width * channels);
  const write = pickWriter(png, output);
  let at = 0;
  for (const { x, y, dx, dy, columns, rows } of passes) {
    const length = getLineSize(columns);
    let above: Uint8Array = new Uint8Array(length);
    for (let row = 0; row < rows; row++) {
      const line = raw.subarray(at + 1, at + 1 + length);
      unfilter(raw[at]!, line, above, pixelSize);
      write(line, columns, ((y + row * dy) * width + x) * channels, dx * channels);
      above = line;
      at += 1 + length;
    }
  }
  return output;
}

/** Decompresses to exactly `size` bytes. */
async function inflate(
  data: readonly Uint8Array[],
  size: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const compressed = data.reduce((sum, { length }) => sum + length, 0);
  // No file can ask for more memory than a multiple of its own size.
  if (compressed * MAX_RATIO < size) {
    throw new ImageProblem(`its data is cut short: ${compressed} bytes can't hold ${size}`);
  }
  const { raw, filled, taken, error } = await inflateOnce(data, size, Infinity);
  if (filled === size) return raw;
  if (error === undefined) throw new ImageProblem(`its data ends after ${filled} of ${size} bytes`);
  // Some engines refuse bytes behind the end of compressed data, which some encoders leave, and lose what came with them:
  // so near them, byte by byte.
  const again = await inflateOnce(data, size, taken - 2 ** 15);
  if (again.filled === size && await hasChecksum(data, again.raw)) return again.raw;
  throw new ImageProblem(`its data is damaged after ${filled} of ${size} bytes`, { cause: error });
}

/**
 * Decompresses until there are `size` bytes; what comes behind them is left, as other decoders do.
 *
 * @param whole How many compressed bytes to give at once; the others follow one by one.
 * @returns What came, and how many compressed bytes were taken for it.
 */
async function inflateOnce(
  data: readonly Uint8Array[],
  size: number,
  whole: number,
): Promise<{ raw: Uint8Array<ArrayBuffer>; filled: number; taken: number; error?: unknown }> {
  const raw = new Uint8Array(size);
  let filled = 0;
  let taken = 0;
  let next = 0;
  let chunk: Uint8Array = new Uint8Array();
  const pull = () => {
    while (chunk.length === 0) {
      const following = data[next++];
      if (!following) return undefined;
      chunk = following;
    }
    const length = taken < whole ? Math.min(PULLED, whole - taken, chunk.length) : 1;
    const piece = chunk.subarray(0, length);
    chunk = chunk.subarray(length);
    taken += length;
    return piece;
  };
  try {
    for await (const piece of decompress("deflate", pull)) {
      const part = piece.subarray(0, size - filled);
      raw.set(part, filled);
      filled += part.length;
      // The end, and so the checksum, is waited for unless there is more than that.
      if (part.length < piece.length) break;
    }
  } catch (error) {
    return { raw, filled, taken, error };
  }
  return { raw, filled, taken };
}

/** Compressed bytes that are taken at once. */
const PULLED = 2 ** 14;

/** Tells whether compressed data has the checksum of what it decompresses to, Adler-32, behind it. */
async function hasChecksum(data: readonly Uint8Array[], raw: Uint8Array): Promise<boolean> {
  let a = 1;
  let b = 0;
  for (let at = 0; at < raw.length;) {
    // So many sums stay below 2^32.
    for (const end = Math.min(at + 3000, raw.length); at < end; at++) b += a += raw[at]!;
    a %= 65521;
    b %= 65521;
  }
  const checksum = [b >> 8, b & 255, a >> 8, a & 255];
  const bytes = new Uint8Array(await new Blob(data as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  for (let at = bytes.indexOf(checksum[0]!); at >= 0; at = bytes.indexOf(checksum[0]!, at + 1)) {
    if (checksum.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}

/** Undoes a line's filter in place. See https://www.w3.org/TR/png-3/#9Filters. */
function unfilter(type: number, line: Uint8Array, above: Uint8Array, step: number): void {
  const { length } = line;
  switch (type) {
    case 0:
      return;
    case 1:
      for (let i = step; i < length; i++) line[i]! += line[i - step]!;
      return;
    case 2:
      for (let i = 0; i < length; i++) line[i]! += above[i]!;
      return;
    case 3:
      for (let i = 0; i < Math.min(step, length); i++) line[i]! += above[i]! >> 1;
      for (let i = step; i < length; i++) line[i]! += line[i - step]! + above[i]! >> 1;
      return;
    case 4:
      if (step === 3) return addPredictedRgb(line, above);
      for (let i = 0; i < Math.min(step, length); i++) line[i]! += above[i]!;
      for (let i = step; i < length; i++) {
        line[i]! += predict(line[i - step]!, above[i]!, above[i - step]!);
      }
      return;
    default:
      throw new ImageProblem(`its data has a line with an unknown filter: ${type}`);
  }
}

/** Undoes the filter of predicted samples for RGB: a pixel at a time, whose three samples don't wait for each other. */
function addPredictedRgb(line: Uint8Array, above: Uint8Array): void {
  let [r, g, b] = [0, 0, 0];
  let [cornerR, cornerG, cornerB] = [0, 0, 0];
  for (let i = 0; i < line.length; i += 3) {
    const [aboveR, aboveG, aboveB] = [above[i]!, above[i + 1]!, above[i + 2]!];
    r = line[i]! + predict(r, aboveR, cornerR) & 255;
    g = line[i + 1]! + predict(g, aboveG, cornerG) & 255;
    b = line[i + 2]! + predict(b, aboveB, cornerB) & 255;
    line[i] = r;
    line[i + 1] = g;
    line[i + 2] = b;
    [cornerR, cornerG, cornerB] = [aboveR, aboveG, aboveB];
  }
}

/**
 * Picks of the samples at the left, above, and above at the left the one that is nearest to left + above - corner (Paeth), the
 * first of several. Without branches, which nothing foresees, it takes a third of the time.
 */
function predict(left: number, above: number, corner: number): number {
  const toLeft = abs(above - corner);
  const toAbove = abs(left - corner);
  const toCorner = abs(left + above - 2 * corner);
  // All ones where it is so, and zero where not.
  const isAbove = ~(toCorner - toAbove >> 31);
  const isLeft = ~((toAbove - toLeft | toCorner - toLeft) >> 31);
  return left & isLeft | ~isLeft & (above & isAbove | corner & ~isAbove);
}

const abs = (x: number): number => (x ^ x >> 31) - (x >> 31);

/** Gives the function that writes the pixels of a line from `to` on, with a distance of `step` from one to the next. */
function pickWriter(
  { depth, stored, channels, palette, transparency }: Png,
  output: Uint8Array,
): (line: Uint8Array, pixels: number, to: number, step: number) => void {
  const bytes = depth >> 3;
  const mask = (1 << depth) - 1;
  const sampleAt = bytes > 0
    ? (line: Uint8Array, i: number) => line[i * bytes]! // Of 16 bits, the higher 8.
    : (line: Uint8Array, i: number) => {
      const bit = i * depth;
      return line[bit >> 3]! >> 8 - depth - (bit & 7) & mask;
    };

  if (palette) {
    const colors = palette.length / 3;
    return (line, pixels, to, step) => {
      for (let i = 0; i < pixels; i++, to += step) {
        const index = sampleAt(line, i);
        if (index >= colors) {
          throw new ImageProblem(`it uses color ${index} of a palette of ${colors}`);
        }
        for (let c = 0; c < 3; c++) output[to + c] = palette[3 * index + c]!;
        if (transparency) output[to + 3] = transparency[index] ?? 255;
      }
    };
  }

  // Fewer than 8 bits are spread over the range of a byte, in steps of 255, 85 or 17.
  const scale = bytes > 0 ? 1 : 255 / mask;
  const isTransparent = (line: Uint8Array, pixel: number) => {
    for (let c = 0; c < stored; c++) {
      const i = pixel * stored + c;
      const low = bytes === 2 ? line[2 * i + 1]! : sampleAt(line, i);
      const high = bytes === 2 ? line[2 * i]! : 0;
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

/** Deflate expands a byte to 1032 at most. */
const MAX_RATIO = 1032;
