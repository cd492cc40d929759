import type { Image, ImageData } from "../../data/image.ts";
import type { Affine } from "./_warp_options.ts";

/**
 * Writes for each pixel of a result the nearest one of an image, and leaves those that lie outside as they are. Which
 * one is nearest is Pillow's choice, which has three ways of calculating it.
 */
export function pickAffine<D extends ImageData>(
  image: Image<D>,
  map: Affine,
  result: Image<D>,
): void {
  const [, b, , d] = map;
  if (b === 0 && d === 0) pickScaled(image, map, result);
  else if (fitsFixed(map, result)) pickFixed(image, map, result);
  else pickFloating(image, map, result);
}

/** Moves and scales an image, with a column of the image for each column of the result. */
function pickScaled<D extends ImageData>(image: Image<D>, map: Affine, result: Image<D>): void {
  const [a, , c, , e, f] = map;
  const { data, channels } = image;
  const { data: output, width } = result;
  // Pillow adds up, and so does this, as the sums are rounded.
  const columns = new Int32Array(width);
  let first = width;
  let last = 0;
  let x = c + a * 0.5;
  for (let column = 0; column < width; column++, x += a) {
    if (!(x >= 0 && x < image.width)) continue;
    if (first > column) first = column;
    last = column + 1;
    columns[column] = (x | 0) * channels;
  }
  if (first >= last) return;
  const from = columns[first]!;
  const length = (last - first) * channels;
  const isMoved = columns[last - 1]! - from === length - channels && a > 0;
  let y = f + e * 0.5;
  for (let row = 0; row < result.height; row++, y += e) {
    if (!(y >= 0 && y < image.height)) continue;
    const start = (y | 0) * image.width * channels;
    const to = (row * width + first) * channels;
    if (isMoved) {
      output.set(data.subarray(start + from, start + from + length), to);
    } else {
      pickColumns(data, start, columns.subarray(first, last), channels, output, to);
    }
  }
}

function pickColumns(
  data: ImageData,
  start: number,
  columns: Int32Array,
  channels: number,
  output: ImageData,
  at: number,
): void {
  for (let i = 0, to = at; i < columns.length; i++) {
    const from = start + columns[i]!;
    for (let c = 0; c < channels; c++) output[to++] = data[from + c]!;
  }
}

/** Whether all coordinates have a place in integers of 32 bits, half of them for the fraction. */
function fitsFixed(
  [a, b, c, d, e, f]: Affine,
  { height, width }: { readonly height: number; readonly width: number },
): boolean {
  const fits = (x: number, y: number) =>
    Math.abs(x * a + y * b + c) < 32768 && Math.abs(x * d + y * e + f) < 32768;
  return fits(0, 0) && fits(width, height) && fits(0, height) && fits(width, 0);
}

function pickFixed<D extends ImageData>(
  { data, height, width, channels }: Image<D>,
  [a, b, c, d, e, f]: Affine,
  result: Image<D>,
): void {
  const output = result.data;
  const stepX = toFixed(a);
  const stepY = toFixed(d);
  const nextX = toFixed(b);
  const nextY = toFixed(e);
  let x = toFixed(c + a * 0.5 + b * 0.5);
  let y = toFixed(f + d * 0.5 + e * 0.5);
  const pick = channels === 1 ? pickLineOfOne : channels === 3 ? pickLineOfRgb : pickLineOfAny;
  for (let row = 0; row < result.height; row++, x += nextX, y += nextY) {
    const inX = findInside(x, stepX, width * 65536, result.width);
    const inY = findInside(y, stepY, height * 65536, result.width);
    const first = Math.max(inX.first, inY.first);
    const end = Math.min(inX.end, inY.end);
    if (first >= end) continue;
    const at = row * result.width;
    const line = { x: x + first * stepX, y: y + first * stepY, stepX, stepY, width, channels };
    pick(data, line, output, (at + first) * channels, (at + end) * channels);
  }
}

/** The first of some steps, from 0, at which `start + i * step` lies from 0 to below a limit, and the end of them. */
function findInside(start: number, step: number, limit: number, steps: number) {
  if (step === 0) return { first: 0, end: start >= 0 && start < limit ? steps : 0 };
  const [first, end] = step > 0
    ? [Math.ceil(-start / step), Math.ceil((limit - start) / step)]
    : [Math.floor((limit - start) / step) + 1, Math.floor(-start / step) + 1];
  return { first: Math.max(first, 0), end: Math.min(end, steps) };
}

/** A line through an image, in coordinates of 16 bits and as many for the fraction. */
interface Line {
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
  readonly width: number;
  readonly channels: number;
}

function pickLineOfOne(
  data: ImageData,
  line: Line,
  output: ImageData,
  at: number,
  end: number,
): void {
  const { stepX, stepY, width } = line;
  let x = line.x | 0;
  let y = line.y | 0;
  for (let to = at; to < end; to++) {
    output[to] = data[(y >> 16) * width + (x >> 16)]!;
    x = (x + stepX) | 0;
    y = (y + stepY) | 0;
  }
}

function pickLineOfRgb(
  data: ImageData,
  line: Line,
  output: ImageData,
  at: number,
  end: number,
): void {
  const { stepX, stepY, width } = line;
  let x = line.x | 0;
  let y = line.y | 0;
  for (let to = at; to < end; to += 3) {
    const from = ((y >> 16) * width + (x >> 16)) * 3;
    output[to] = data[from]!;
    output[to + 1] = data[from + 1]!;
    output[to + 2] = data[from + 2]!;
    x = (x + stepX) | 0;
    y = (y + stepY) | 0;
  }
}

function pickLineOfAny(
  data: ImageData,
  line: Line,
  output: ImageData,
  at: number,
  end: number,
): void {
  const { stepX, stepY, width, channels } = line;
  let x = line.x | 0;
  let y = line.y | 0;
  for (let to = at; to < end; to += channels) {
    const from = ((y >> 16) * width + (x >> 16)) * channels;
    for (let c = 0; c < channels; c++) output[to + c] = data[from + c]!;
    x = (x + stepX) | 0;
    y = (y + stepY) | 0;
  }
}

const toFixed = (x: number): number => Math.floor(x * 65536 + 0.5) | 0;

function pickFloating<D extends ImageData>(
  { data, height, width, channels }: Image<D>,
  [a, b, c, d, e, f]: Affine,
  result: Image<D>,
): void {
  const output = result.data;
  let firstX = c + b * 0.5 + a * 0.5;
  let firstY = f + e * 0.5 + d * 0.5;
  const rowLength = result.width * channels;
  for (let at = 0; at < output.length; at += rowLength) {
    let x = firstX;
    let y = firstY;
    for (let to = at; to < at + rowLength; to += channels) {
      if (x >= 0 && x < width && y >= 0 && y < height) {
        const from = (Math.floor(y) * width + Math.floor(x)) * channels;
        for (let i = 0; i < channels; i++) output[to + i] = data[from + i]!;
      }
      x += a;
      y += d;
    }
    firstX += b;
    firstY += e;
  }
}
