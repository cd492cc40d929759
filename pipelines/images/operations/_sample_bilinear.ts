import type { Image, ImageData } from "../../data/image.ts";

// The samples are found in double precision in the order in which Pillow calculates, as bytes are cut and not rounded,
// so that every bit counts.

/** Interpolates linearly between the four pixels around some points; see {@linkcode Sampler}. */
export function sampleBilinear(
  image: Image,
  xs: Float64Array,
  ys: Float64Array,
  output: ImageData,
  at: number,
): void {
  const { data, channels } = image;
  if (data instanceof Uint8Array && output instanceof Uint8Array) {
    if (channels === 1) return sampleGray(data, image, xs, ys, output, at);
    if (channels === 3) return sampleRgb(data, image, xs, ys, output, at);
  }
  sampleAny(image, xs, ys, output, at);
}

/** The size of an image. */
type Size = Pick<Image, "height" | "width">;

// In all of these, a point lies between the middles of a pixel, in `row` and `column`, and of that below and to the
// right. Beyond the image its border goes on.

function sampleGray(
  data: Uint8Array,
  { height, width }: Size,
  xs: Float64Array,
  ys: Float64Array,
  output: Uint8Array,
  at: number,
): void {
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i]!;
    const y = ys[i]!;
    // Nothing of this holds for NaN.
    if (!(x >= 0 && x < width && y >= 0 && y < height)) continue;
    const column = x < 0.5 ? -1 : (x - 0.5) | 0;
    const row = y < 0.5 ? -1 : (y - 0.5) | 0;
    const dx = x - 0.5 - column;
    const dy = y - 0.5 - row;
    const left = column < 0 ? 0 : column;
    const right = column + 1 < width ? column + 1 : left;
    const upper = row < 0 ? 0 : row * width;
    const lower = row + 1 < height ? row * width + width : upper;
    const a = data[upper + left]!;
    const b = data[lower + left]!;
    const above = a + (data[upper + right]! - a) * dx;
    const below = b + (data[lower + right]! - b) * dx;
    output[at + i] = (above + (below - above) * dy) | 0;
  }
}

function sampleRgb(
  data: Uint8Array,
  { height, width }: Size,
  xs: Float64Array,
  ys: Float64Array,
  output: Uint8Array,
  at: number,
): void {
  const rowLength = 3 * width;
  for (let i = 0, to = at; i < xs.length; i++, to += 3) {
    const x = xs[i]!;
    const y = ys[i]!;
    if (!(x >= 0 && x < width && y >= 0 && y < height)) continue;
    const column = x < 0.5 ? -1 : (x - 0.5) | 0;
    const row = y < 0.5 ? -1 : (y - 0.5) | 0;
    const dx = x - 0.5 - column;
    const dy = y - 0.5 - row;
    const left = column < 0 ? 0 : 3 * column;
    const right = column + 1 < width ? 3 * column + 3 : left;
    const upper = row < 0 ? 0 : row * rowLength;
    const lower = row + 1 < height ? row * rowLength + rowLength : upper;
    const upperLeft = upper + left;
    const upperRight = upper + right;
    const lowerLeft = lower + left;
    const lowerRight = lower + right;
    let a = data[upperLeft]!;
    let b = data[lowerLeft]!;
    let above = a + (data[upperRight]! - a) * dx;
    let below = b + (data[lowerRight]! - b) * dx;
    output[to] = (above + (below - above) * dy) | 0;
    a = data[upperLeft + 1]!;
    b = data[lowerLeft + 1]!;
    above = a + (data[upperRight + 1]! - a) * dx;
    below = b + (data[lowerRight + 1]! - b) * dx;
    output[to + 1] = (above + (below - above) * dy) | 0;
    a = data[upperLeft + 2]!;
    b = data[lowerLeft + 2]!;
    above = a + (data[upperRight + 2]! - a) * dx;
    below = b + (data[lowerRight + 2]! - b) * dx;
    output[to + 2] = (above + (below - above) * dy) | 0;
  }
}

/** Samples images of any type and channels. Differences of two floats are in single precision, as in C. */
function sampleAny(
  { data, height, width, channels }: Image,
  xs: Float64Array,
  ys: Float64Array,
  output: ImageData,
  at: number,
): void {
  const { fround } = Math;
  const rowLength = width * channels;
  for (let i = 0, to = at; i < xs.length; i++, to += channels) {
    const x = xs[i]!;
    const y = ys[i]!;
    if (!(x >= 0 && x < width && y >= 0 && y < height)) continue;
    const column = x < 0.5 ? -1 : (x - 0.5) | 0;
    const row = y < 0.5 ? -1 : (y - 0.5) | 0;
    const dx = x - 0.5 - column;
    const dy = y - 0.5 - row;
    const left = column < 0 ? 0 : column * channels;
    const right = column + 1 < width ? (column + 1) * channels : left;
    const upper = row < 0 ? 0 : row * rowLength;
    const lower = row + 1 < height ? (row + 1) * rowLength : upper;
    for (let c = 0; c < channels; c++) {
      const a = data[upper + left + c]!;
      const b = data[lower + left + c]!;
      const above = a + fround(data[upper + right + c]! - a) * dx;
      const below = b + fround(data[lower + right + c]! - b) * dx;
      output[to + c] = above + (below - above) * dy;
    }
  }
}
