import type { Image, ImageData } from "../../data/image.ts";
import { newArray } from "../../stage/_arrays.ts";
import type { Allocate } from "../../stage/allocate.ts";

/** Where the pixels of a result are in an image, as indices of pixels. */
interface Order {
  readonly height: number;
  readonly width: number;
  /** The pixel that comes first. */
  readonly first: number;
  /** From each pixel to the one that comes below it. */
  readonly down: number;
  /** From each pixel to the one that comes right of it. */
  readonly right: number;
}

/** Mirrors an image: left becomes right. */
export const mirrorColumns = <D extends ImageData>(
  image: Image<D>,
  allocate: Allocate = newArray,
): Image<D> => {
  const order = { ...image, first: image.width - 1, down: image.width, right: -1 };
  return reorderPixels(image, order, allocate);
};

/** Mirrors an image: what was above is below. */
export const mirrorRows = <D extends ImageData>(image: Image<D>): Image<D> =>
  reorderPixels(image, {
    ...image,
    first: (image.height - 1) * image.width,
    down: -image.width,
    right: 1,
  });

/**
 * Turns an image by quarters of a circle, counterclockwise.
 *
 * @param quarters How many, from 1 to 3.
 */
export function turn<D extends ImageData>(image: Image<D>, quarters: number): Image<D> {
  const { height, width } = image;
  const pixels = height * width;
  if (quarters === 2) {
    return reorderPixels(image, { height, width, first: pixels - 1, down: -width, right: -1 });
  }
  return reorderPixels(image, {
    height: width,
    width: height,
    ...(quarters === 1
      ? { first: width - 1, down: -1, right: width }
      : { first: pixels - width, down: 1, right: -width }),
  });
}

function reorderPixels<D extends ImageData>(
  { data, channels }: Image<D>,
  { height, width, first, down, right }: Order,
  allocate: Allocate = newArray,
): Image<D> {
  const output = allocate(data, data.length);
  const rowLength = width * channels;
  const step = right * channels;
  let start = first * channels;
  for (let at = 0; at < output.length; at += rowLength, start += down * channels) {
    if (right === 1) output.set(data.subarray(start, start + rowLength), at);
    else if (channels === 1) stepOne(data, start, step, output, at, at + rowLength);
    else if (channels === 3) stepRgb(data, start, step, output, at, at + rowLength);
    else stepAny(data, start, step, channels, output, at, at + rowLength);
  }
  return { data: output, height, width, channels };
}

function stepOne(
  data: ImageData,
  start: number,
  step: number,
  output: ImageData,
  at: number,
  end: number,
): void {
  for (let to = at, from = start; to < end; to++, from += step) output[to] = data[from]!;
}

function stepRgb(
  data: ImageData,
  start: number,
  step: number,
  output: ImageData,
  at: number,
  end: number,
): void {
  for (let to = at, from = start; to < end; to += 3, from += step) {
    output[to] = data[from]!;
    output[to + 1] = data[from + 1]!;
    output[to + 2] = data[from + 2]!;
  }
}

function stepAny(
  data: ImageData,
  start: number,
  step: number,
  channels: number,
  output: ImageData,
  at: number,
  end: number,
): void {
  for (let to = at, from = start; to < end; to += channels, from += step) {
    for (let c = 0; c < channels; c++) output[to + c] = data[from + c]!;
  }
}
