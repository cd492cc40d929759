/**
 * Blurs single images, like torchvision on Pillow's images.
 *
 * @module
 */

import { checkInteger } from "../../_arguments/check_integer.ts";
import { checkNumber } from "../../_arguments/check_number.ts";
import { checkImage } from "../../data/_image_data.ts";
import type { Image, ImageData } from "../../data/image.ts";
import { newArray } from "../../stage/_arrays.ts";

/** Options of {@linkcode gaussianBlurImage}. */
export interface GaussianBlurImageOptions {
  /** How many pixels are weighed in a row and in a column, an odd number; or those of a column and those of a row. */
  readonly kernelSize: number | readonly [height: number, width: number];
  /**
   * The standard deviation in pixels, above 0; or that of a column and that of a row. By default, `0.15 * kernelSize +
   * 0.35`.
   */
  readonly sigma?: number | readonly [height: number, width: number];
}

/**
 * Blurs an image with a Gaussian kernel, like torchvision's `gaussian_blur` of Pillow's images: at the border the image
 * is mirrored without its outermost pixels, bytes are rounded to the nearest, and of two to the even one.
 *
 * torchvision adds in single precision, this in double. Where the exact result lies about halfway between two bytes, one
 * may have the other byte: about one of 100,000 samples of a photo, and more in a perfectly even gradient.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gaussianBlurImage } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(0, 0, 100, 0, 0), height: 1, width: 5, channels: 1 };
 * const blurred = gaussianBlurImage(image, { kernelSize: [1, 3], sigma: 0.8 });
 * assertEquals(blurred.data, Uint8Array.of(0, 24, 52, 24, 0));
 * ```
 *
 * @typeParam D The type of the image's array.
 * @param image The image, of any number of channels.
 * @param options The size of the kernel and its standard deviation.
 * @returns The blurred image, of the same size, type and channels.
 * @throws {RangeError} When a size of the kernel is not an odd integer of at least 1, or half of it, rounded down, is
 * not below the image's size; when `sigma` is not a number above 0; or when the image's shape does
 * not fit its data.
 */
export function gaussianBlurImage<D extends ImageData>(
  image: Image<D>,
  { kernelSize, sigma }: GaussianBlurImageOptions,
): Image<D> {
  const [kernelHeight, kernelWidth] = typeof kernelSize === "number"
    ? [kernelSize, kernelSize]
    : kernelSize;
  const [sigmaY, sigmaX] = typeof sigma === "number"
    ? [sigma, sigma]
    : sigma ?? [0.15 * kernelHeight + 0.35, 0.15 * kernelWidth + 0.35];
  for (const size of [kernelHeight, kernelWidth]) {
    checkInteger(`blur with a kernel of ${size}`, "size", size, { min: 1 });
    if (size % 2 === 1) continue;
    throw new RangeError(`Cannot blur with a kernel of ${size}: the size must be odd`);
  }
  for (const deviation of [sigmaY, sigmaX]) {
    checkNumber(`blur with a sigma of ${deviation}`, "sigma", deviation, { min: 0, open: true });
  }
  checkImage(image);
  const { data, height, width, channels } = image;
  if (kernelHeight > 2 * height - 1 || kernelWidth > 2 * width - 1) {
    throw new RangeError(
      `the image is ${height} × ${width}, which is too small to mirror half of a kernel of ${kernelHeight} × ${kernelWidth}`,
    );
  }
  const output = newArray(data, data.length);
  blur(image, makeWeights(kernelHeight, sigmaY), makeWeights(kernelWidth, sigmaX), output);
  return { data: output, height, width, channels };
}

/** Makes the weights of half of a kernel, from the middle outwards; those of all of it add up to 1. */
function makeWeights(size: number, sigma: number): Float64Array {
  const weights = Float64Array.from(
    { length: (size + 1) / 2 },
    (_, distance) => Math.exp(-0.5 * (distance / sigma) ** 2),
  );
  const sum = weights.reduce((sum, weight) => sum + 2 * weight);
  return weights.map((weight) => weight / sum);
}

/** Blurs row by row: first across the rows around it, then along the row. */
function blur(
  { data, height, width, channels }: Image,
  across: Float64Array,
  along: Float64Array,
  output: ImageData,
): void {
  const rowLength = width * channels;
  const margin = (along.length - 1) * channels;
  // A row between the pixels that are mirrored at its ends.
  const wide = new Float64Array(rowLength + 2 * margin);
  const sums = new Float64Array(rowLength);
  const isBytes = output instanceof Uint8Array;
  for (let row = 0; row < height; row++) {
    const start = row * rowLength;
    weigh(data, start, across[0]!, wide, margin, rowLength);
    for (let i = 1; i < across.length; i++) {
      const above = Math.abs(row - i);
      const below = row + i < height ? row + i : 2 * (height - 1) - row - i;
      addPair(data, above * rowLength, below * rowLength, across[i]!, wide, margin, rowLength);
    }
    mirrorEnds(wide, margin, channels);
    weigh(wide, margin, along[0]!, sums, 0, rowLength);
    for (let i = 1; i < along.length; i++) {
      const distance = i * channels;
      addPair(wide, margin - distance, margin + distance, along[i]!, sums, 0, rowLength);
    }
    if (isBytes) round(sums, output, start);
    else output.set(sums, start);
  }
}

type Numbers = ImageData | Float64Array;

function weigh(
  data: Numbers,
  from: number,
  weight: number,
  sums: Float64Array,
  to: number,
  length: number,
): void {
  for (let i = 0; i < length; i++) sums[to + i] = weight * data[from + i]!;
}

function addPair(
  data: Numbers,
  first: number,
  second: number,
  weight: number,
  sums: Float64Array,
  to: number,
  length: number,
): void {
  for (let i = 0; i < length; i++) {
    sums[to + i]! += weight * (data[first + i]! + data[second + i]!);
  }
}

/** Fills the ends of a row with what is inside, mirrored at the first and the last pixel. */
function mirrorEnds(wide: Float64Array, margin: number, channels: number): void {
  const last = wide.length - margin - channels;
  for (let i = channels; i <= margin; i += channels) {
    for (let c = 0; c < channels; c++) {
      wide[margin - i + c] = wide[margin + i + c]!;
      wide[last + i + c] = wide[last - i + c]!;
    }
  }
}

/** Rounds to bytes, a half to the even one: of numbers this large, doubles have no fraction. */
function round(sums: Float64Array, output: Uint8Array, at: number): void {
  for (let i = 0; i < sums.length; i++) {
    output[at + i] = Math.fround(sums[i]!) + 2 ** 52 - 2 ** 52;
  }
}
