/**
 * Turns and mirrors an image as its orientation in EXIF asks for.
 *
 * @module
 */

import type { Image, ImageData } from "../data/image.ts";

export type { Image, ImageData } from "../data/image.ts";

/**
 * How stored pixels are turned or mirrored to be looked at, as EXIF numbers it: 1 not at all, 2 mirrored left to right, 3 turned
 * by 180°, 4 mirrored top to bottom, 5 transposed, 6 turned clockwise by 90°, 7 transposed over the other diagonal,
 * 8 turned counterclockwise by 90°. 5 to 8 exchange height and width.
 */
export type ImageOrientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/**
 * Turns and mirrors an image as its orientation in EXIF asks for, as Pillow's `ImageOps.exif_transpose` does.
 * {@linkcode decodeImage} does it by itself.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { orientImage } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), height: 2, width: 3, channels: 1 };
 * const turned = orientImage(image, 6);
 * assertEquals(turned, { data: Uint8Array.of(4, 1, 5, 2, 6, 3), height: 3, width: 2, channels: 1 });
 * ```
 *
 * @typeParam D The type of the samples.
 * @param image The image as it is stored, which is left as it is.
 * @param orientation What is to be done with it.
 * @returns The image as it is to be looked at; the same one where the orientation is 1.
 * @throws {RangeError} When the orientation is not an integer from 1 to 8.
 */
export function orientImage<D extends ImageData>(
  image: Image<D>,
  orientation: ImageOrientation,
): Image<D> {
  if (orientation === 1) return image;
  const { data, height, width, channels } = image;
  const last = height * width - 1;
  /** Where the first pixel is, and how far it is from one to the next in a row and in a column, in pixels. */
  const steps: Readonly<Record<number, readonly [first: number, next: number, below: number]>> = {
    2: [width - 1, -1, width],
    3: [last, -1, -width],
    4: [last + 1 - width, 1, -width],
    5: [0, width, 1],
    6: [last + 1 - width, -width, 1],
    7: [last, -width, -1],
    8: [width - 1, width, -1],
  };
  const found = steps[orientation];
  if (!found) {
    throw new RangeError(
      `Cannot orient an image by ${orientation}: it must be an integer from 1 to 8`,
    );
  }
  const [rows, columns] = orientation > 4 ? [width, height] : [height, width];
  const output = new (data.constructor as { new (length: number): D })(data.length);
  const plan = { rows, columns, steps: found };
  // Four bytes are moved as one number.
  if (channels === 4 && data instanceof Uint8Array && data.byteOffset % 4 === 0) {
    const words = new Uint32Array(data.buffer, data.byteOffset, data.length / 4);
    moveSamples(words, new Uint32Array(output.buffer), plan);
  } else if (channels === 1) {
    moveSamples(data, output, plan);
  } else {
    movePixels(data, output, channels, plan);
  }
  return { data: output, height: rows, width: columns, channels };
}

interface Plan {
  readonly rows: number;
  readonly columns: number;
  readonly steps: readonly [first: number, next: number, below: number];
}

type Samples = ImageData | Uint32Array<ArrayBuffer>;

/** Moves samples to rows of others, by steps in which they lie. */
function moveSamples(from: Samples, to: Samples, { rows, columns, steps }: Plan): void {
  const [first, next, below] = steps;
  forEachStrip(rows, columns, (row, left, pixels) => {
    let source = first + row * below + left * next;
    const target = row * columns + left;
    for (let i = target; i < target + pixels; i++, source += next) to[i] = from[source]!;
  });
}

/** Moves pixels of several samples. */
function movePixels(
  from: ImageData,
  to: ImageData,
  channels: number,
  { rows, columns, steps }: Plan,
): void {
  const [first, next, below] = steps;
  const step = next * channels;
  forEachStrip(rows, columns, (row, left, pixels) => {
    let source = (first + row * below + left * next) * channels;
    let target = (row * columns + left) * channels;
    const end = target + pixels * channels;
    if (channels === 3) {
      for (; target < end; source += step, target += 3) {
        to[target] = from[source]!;
        to[target + 1] = from[source + 1]!;
        to[target + 2] = from[source + 2]!;
      }
    } else {
      for (; target < end; source += step, target += channels) {
        for (let c = 0; c < channels; c++) to[target + c] = from[source + c]!;
      }
    }
  });
}

/** Goes through an image in tiles, as a column of a large one is in as many cache lines as it has pixels. */
function forEachStrip(
  rows: number,
  columns: number,
  move: (row: number, left: number, pixels: number) => void,
): void {
  for (let top = 0; top < rows; top += TILE) {
    const bottom = Math.min(top + TILE, rows);
    for (let left = 0; left < columns; left += TILE) {
      const pixels = Math.min(TILE, columns - left);
      for (let row = top; row < bottom; row++) move(row, left, pixels);
    }
  }
}

/** Pixels of a tile's side: 64 rows of 64 bytes or more fit the smallest caches. */
const TILE = 64;
