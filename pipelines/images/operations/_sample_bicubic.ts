import type { Image, ImageData } from "../../data/image.ts";

// As for the linear interpolation, every bit counts: in double precision, and in Pillow's order.

/** Interpolates between the sixteen pixels around some points; see {@linkcode Sampler}. */
export function sampleBicubic(
  { data, height, width, channels }: Image,
  xs: Float64Array,
  ys: Float64Array,
  output: ImageData,
  at: number,
): void {
  const rowLength = width * channels;
  const lastRow = height - 1;
  const lastColumn = width - 1;
  for (let i = 0, to = at; i < xs.length; i++, to += channels) {
    const x = xs[i]!;
    const y = ys[i]!;
    // Nothing of this holds for NaN.
    if (!(x >= 0 && x < width && y >= 0 && y < height)) continue;
    const column = x < 0.5 ? -1 : (x - 0.5) | 0;
    const row = y < 0.5 ? -1 : (y - 0.5) | 0;
    const dx = x - 0.5 - column;
    const dy = y - 0.5 - row;
    // Beyond the image its border goes on.
    const first = row < 1 ? 0 : (row - 1) * rowLength;
    const second = row < 0 ? 0 : row * rowLength;
    const third = (row < lastRow ? row + 1 : lastRow) * rowLength;
    const fourth = (row + 1 < lastRow ? row + 2 : lastRow) * rowLength;
    const a = column < 1 ? 0 : (column - 1) * channels;
    const b = column < 0 ? 0 : column * channels;
    const c = (column < lastColumn ? column + 1 : lastColumn) * channels;
    const d = (column + 1 < lastColumn ? column + 2 : lastColumn) * channels;
    if (data instanceof Uint8Array) {
      for (let channel = 0; channel < channels; channel++) {
        const value = interpolate(
          interpolateBytes(data, first + channel, a, b, c, d, dx),
          interpolateBytes(data, second + channel, a, b, c, d, dx),
          interpolateBytes(data, third + channel, a, b, c, d, dx),
          interpolateBytes(data, fourth + channel, a, b, c, d, dx),
          dy,
        );
        // The cubic may overshoot.
        output[to + channel] = value <= 0 ? 0 : value >= 255 ? 255 : value | 0;
      }
    } else {
      for (let channel = 0; channel < channels; channel++) {
        output[to + channel] = interpolate(
          interpolateFloats(data, first + channel, a, b, c, d, dx),
          interpolateFloats(data, second + channel, a, b, c, d, dx),
          interpolateFloats(data, third + channel, a, b, c, d, dx),
          interpolateFloats(data, fourth + channel, a, b, c, d, dx),
          dy,
        );
      }
    }
  }
}

/** Interpolates between the second and the third of four values by Keys' cubic with a = -1. */
const interpolate = (a: number, b: number, c: number, d: number, at: number): number =>
  b + at * (c - a + at * (2 * (a - b) + c - d + at * (b - a - c + d)));

/** Interpolates between the second and the third of four bytes of a row. */
function interpolateBytes(
  data: Uint8Array,
  row: number,
  first: number,
  second: number,
  third: number,
  fourth: number,
  at: number,
): number {
  const a = data[row + first]!;
  const b = data[row + second]!;
  const c = data[row + third]!;
  const d = data[row + fourth]!;
  return b + at * (c - a + at * (2 * (a - b) + c - d + at * (b - a - c + d)));
}

/** Interpolates between the second and the third of four floats of a row: what is linear is in single precision. */
function interpolateFloats(
  data: Float32Array,
  row: number,
  first: number,
  second: number,
  third: number,
  fourth: number,
  at: number,
): number {
  const { fround } = Math;
  const a = data[row + first]!;
  const b = data[row + second]!;
  const c = data[row + third]!;
  const d = data[row + fourth]!;
  const square = fround(fround(2 * fround(a - b) + c) - d);
  const cube = fround(fround(fround(b - a) - c) + d);
  return b + at * (fround(c - a) + at * (square + at * cube));
}
