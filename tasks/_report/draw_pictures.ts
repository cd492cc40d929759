import { encodePng, type Image, resizeImage } from "../../pipelines/mod.ts";
import type { StoredTensor } from "../../models/mod.ts";
import type { LayerOutput } from "./trace_network.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A picture that stands in a page. */
export interface PagePicture {
  /** The whole file, as an address. */
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/** Encodes an image for a page. */
export async function encodePicture(image: Image<Bytes>): Promise<PagePicture> {
  const { width, height } = image;
  const png = await encodePng(image);
  return { url: `data:image/png;base64,${png.toBase64()}`, width, height };
}

/** Encodes an image for a page, of a longer side of so many pixels at the most. */
export function encodeThumbnail(image: Image<Bytes>, side: number): Promise<PagePicture> {
  return encodePicture(shrink(image, side));
}

function shrink(image: Image<Bytes>, side: number): Image<Bytes> {
  const { height, width } = image;
  const scale = side / Math.max(height, width);
  if (scale >= 1) return image;
  const scaled = (length: number) => Math.max(1, Math.round(length * scale));
  return resizeImage(image, { height: scaled(height), width: scaled(width) });
}

/** Pixels between the pictures of a sheet. */
const GAP = 1;

/** Puts images of one size and of gray or RGB side by side, so many in a row; between them nothing is drawn. */
function layOut(images: readonly Image<Bytes>[], perRow: number): Image<Bytes> {
  const { height, width, channels: samples } = images[0]!;
  const columns = Math.min(perRow, images.length);
  const rows = Math.ceil(images.length / perRow);
  const channels = samples + 1;
  const sheet = {
    height: rows * (height + GAP) - GAP,
    width: columns * (width + GAP) - GAP,
    channels,
  };
  const data = new Uint8Array(sheet.height * sheet.width * channels);
  for (const [i, image] of images.entries()) {
    const top = Math.floor(i / perRow) * (height + GAP);
    const left = (i % perRow) * (width + GAP);
    for (let pixel = 0; pixel < height * width; pixel++) {
      const y = top + Math.floor(pixel / width);
      const at = (y * sheet.width + left + pixel % width) * channels;
      data.set(image.data.subarray(pixel * samples, (pixel + 1) * samples), at);
      data[at + samples] = 255;
    }
  }
  return { ...sheet, data };
}

/** Makes bytes of numbers, from the least of them to the most. What isn't finite is black. */
function toBytes(numbers: ArrayLike<number>, [low, high]: readonly [number, number]): Bytes {
  const scale = high > low ? 255 / (high - low) : 0;
  return Uint8Array.from(
    { length: numbers.length },
    (_, i) => Math.round((numbers[i]! - low) * scale) || 0,
  );
}

function findRange(numbers: ArrayLike<number>): readonly [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < numbers.length; i++) {
    if (!Number.isFinite(numbers[i])) continue;
    low = Math.min(low, numbers[i]!);
    high = Math.max(high, numbers[i]!);
  }
  return [low, high];
}

/** A drawing of several parts, and how many of them it has. */
export interface Sheet {
  readonly picture: PagePicture;
  readonly shown: number;
  readonly of: number;
}

/** How many filters a sheet has, and how many in a row. */
const FILTERS = 64;
const FILTERS_IN_ROW = 16;

/**
 * Draws the filters of a convolution, each from its least number to its most.
 *
 * @param weight Its weight as PyTorch has it: `[filters, channels, height, width]`.
 * @returns Nothing where the channels aren't those of an image.
 */
export async function drawFilters({ shape, data }: StoredTensor): Promise<Sheet | undefined> {
  const [of = 0, channels = 0, height = 0, width = 0] = shape;
  if (shape.length !== 4 || (channels !== 1 && channels !== 3)) return undefined;
  const size = channels * height * width;
  const shown = Math.min(of, FILTERS);
  const images = Array.from({ length: shown }, (_, filter): Image<Bytes> => {
    const planes = Float32Array.from({ length: size }, (_, i) => Number(data[filter * size + i]));
    // Planes follow on each other there, samples of a pixel here.
    const numbers = planes.map((_, i) => {
      const [pixel, channel] = [Math.floor(i / channels), i % channels];
      return planes[channel * height * width + pixel]!;
    });
    return { data: toBytes(numbers, findRange(numbers)), height, width, channels };
  });
  return { picture: await encodePicture(layOut(images, FILTERS_IN_ROW)), shown, of };
}

/** How many channels are drawn of a layer's output. */
const CHANNELS = 8;

/**
 * Draws what a layer gives: of the channels those that vary most, all by one scale from the least number to the most; of features one
 * cell each.
 *
 * @param side The longest side of a channel.
 */
export async function drawOutput({ shape, data }: LayerOutput, side: number): Promise<Sheet> {
  if (shape.length !== 3) {
    const shown = Math.min(data.length, FEATURES);
    const cells = data.subarray(0, shown);
    const image = { data: toBytes(cells, findRange(cells)), height: 1, width: shown, channels: 1 };
    return { picture: await encodePicture(image), shown, of: data.length };
  }
  const [height = 1, width = 1, of = 1] = shape;
  const planes = Array.from(
    { length: of },
    (_, channel) =>
      Float32Array.from({ length: height * width }, (_, i) => data[i * of + channel]!),
  );
  const chosen = planes.map((plane) => ({ plane, variance: computeVariance(plane) }))
    .sort((a, b) => b.variance - a.variance).slice(0, CHANNELS);
  const range = findRange(chosen.flatMap(({ plane }) => [...findRange(plane)]));
  const images = chosen.map(({ plane }) =>
    shrink({ data: toBytes(plane, range), height, width, channels: 1 }, side)
  );
  return { picture: await encodePicture(layOut(images, CHANNELS)), shown: images.length, of };
}

/** How many features are drawn of a layer's output. */
const FEATURES = 256;

function computeVariance(numbers: Float32Array): number {
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  const variance = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length;
  return Number.isFinite(variance) ? variance : -1;
}
