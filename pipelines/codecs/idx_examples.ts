/**
 * Images and labels of IDX files, the format of MNIST, in one source to be read in any order.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { pluralize } from "../_arguments/text.ts";
import type { Example } from "../data/example.ts";
import { decodeIdx } from "../formats/idx/decode_idx.ts";
import type { IdxArray } from "../formats/idx/idx_array.ts";
import { IdxError } from "../formats/idx/idx_error.ts";
import type { IndexedSource } from "../indexed/indexed_source.ts";
import { take } from "../items/take.ts";
import { type FileContent, readBytes } from "./_read_bytes.ts";

export type { Example } from "../data/example.ts";
export { IdxError } from "../formats/idx/idx_error.ts";
export type { IndexedSource } from "../indexed/indexed_source.ts";

/** The two files of a data set of IDX: the bytes of each, or a stream of them, gzipped or plain. */
export interface IdxFiles {
  /** Images of bytes, of shape `[n, height, width]` or `[n, height, width, channels]`. */
  readonly images: Uint8Array | AsyncIterable<Uint8Array>;
  /** Integers, of shape `[n]` or, as QMNIST has them, `[n, 8]`, the label first. */
  readonly labels: Uint8Array | AsyncIterable<Uint8Array>;
}

/** Options of {@linkcode idxExamples}. */
export interface IdxExamplesOptions {
  /**
   * How many classes there are. A label that isn't below is refused.
   *
   * @default {any number}
   */
  readonly classes?: number;
  /**
   * The label of the first class, which becomes 0: 1 for EMNIST's letters.
   *
   * @default {0}
   */
  readonly firstLabel?: number;
  /**
   * Whether rows and columns are to be exchanged, as those of EMNIST are in its files.
   *
   * @default {false}
   */
  readonly transpose?: boolean;
  /**
   * How many examples to read, from the first on.
   *
   * @default {Infinity}
   */
  readonly limit?: number;
}

/** Images and labels in memory. */
export interface IdxExamples extends IndexedSource<Example<Uint8Array<ArrayBuffer>>> {
  /** The label of each image. */
  readonly labels: Int32Array<ArrayBuffer>;
  /** Rows of each image. */
  readonly height: number;
  /** Pixels in a row of each image. */
  readonly width: number;
  /** Samples in a pixel. */
  readonly channels: number;
  /** Gives the example of an index, from 0 to `length - 1`; its image is a view of the array of all. */
  get(index: number): Example<Uint8Array<ArrayBuffer>>;
}

/**
 * Reads images and labels of IDX files, the format of MNIST, Fashion-MNIST, KMNIST, EMNIST and QMNIST, into memory: the
 * samples of all images in one array.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pipe } from "fp-ts/lib/function.js";
 * import { collect, idxExamples, readIndexed } from "@rill/rill/pipelines";
 *
 * // More often: (await Deno.open("train-images-idx3-ubyte.gz")).readable, and so on.
 * const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20, 30, 40);
 * const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 9, 3);
 *
 * const source = await idxExamples({ images, labels }, { classes: 10 });
 * assertEquals([source.length, source.height, source.width], [2, 1, 2]);
 * assertEquals(source.get(1), {
 *   image: { data: Uint8Array.of(30, 40), height: 1, width: 2, channels: 1 },
 *   label: 3,
 * });
 * const epoch = await collect(pipe(source, readIndexed({ seed: 1, epoch: 0 })));
 * assertEquals(epoch.length, 2);
 * ```
 *
 * @param files The two files. A stream is closed when what is wanted of it is read, or something is wrong.
 * @param options What the labels may be, and what part to read.
 * @returns The examples. The promise is rejected with an {@linkcode IdxError} where a file is not IDX or is damaged, the
 * images aren't of bytes, the labels aren't integers, there are not as many of the one as of the other, or a label is out of
 * range; and with a `GzipError` where one is gzipped and damaged.
 * @throws {RangeError} When `classes` is not an integer of at least 1, or `limit` neither an integer of at least 0 nor
 * `Infinity`.
 */
export async function idxExamples(
  { images, labels }: IdxFiles,
  { classes = Infinity, firstLabel = 0, transpose = false, limit = Infinity }: IdxExamplesOptions =
    {},
): Promise<IdxExamples> {
  if (classes !== Infinity) {
    checkInteger(`read labels of ${classes} classes`, "number", classes, { min: 1 });
  }
  if (limit !== Infinity) checkInteger(`read ${limit} examples`, "number", limit);
  const numbers: number[] = [];
  try {
    for await (const item of readItems(labels, limit)) {
      numbers.push(readLabel(item, numbers.length, firstLabel, classes));
    }
  } catch (error) {
    // Nobody would ever read it, and it may be an open file.
    if (!(images instanceof Uint8Array)) await images[Symbol.asyncIterator]().return?.();
    throw error;
  }
  const { length } = numbers;
  let pixels = new Uint8Array();
  let shape: readonly number[] = [0, 0, 1];
  let count = 0;
  for await (const item of readItems(images, limit)) {
    if (count === 0) {
      shape = readShape(item);
      pixels = allocate(length, item.data.length);
    }
    if (count < length) pixels.set(item.data as Uint8Array, count * item.data.length);
    count++;
  }
  if (count !== length) {
    const isMore = count > length ? "" : "only ";
    throw new IdxError(
      `there are ${isMore}${pluralize(count, "image")} for ${pluralize(length, "label")}`,
      { position: 0, items: count, promised: length },
    );
  }
  const [rows = 0, columns = 0, channels = 1] = shape;
  const size = rows * columns * channels;
  if (transpose) transposeImages(pixels, { rows, columns, channels });
  const [height, width] = transpose ? [columns, rows] : [rows, columns];
  const classesOf = Int32Array.from(numbers);
  return {
    length,
    labels: classesOf,
    height,
    width,
    channels,
    get: (index) => {
      checkInteger(`read image ${index} of ${length}`, "index", index, { max: length - 1 });
      return {
        image: {
          data: pixels.subarray(index * size, (index + 1) * size),
          height,
          width,
          channels,
        },
        label: classesOf[index]!,
      };
    },
  };
}

const readItems = (content: FileContent, limit: number): AsyncIterable<IdxArray> =>
  take(limit)(decodeIdx()(readBytes(content)));

const makeError = (reason: string, items: number): IdxError =>
  new IdxError(reason, { position: 0, items });

function readLabel(
  { type, data, shape }: IdxArray,
  index: number,
  firstLabel: number,
  classes: number,
): number {
  if (type === "float32" || type === "float64" || shape.length > 1) {
    throw makeError(
      `its labels must be integers, one for each image or the first of a row: ` +
        `they are ${type} of shape [${shape.join(", ")}]`,
      index,
    );
  }
  const label = data[0]! - firstLabel;
  if (label >= 0 && label < classes) return label;
  const bounds = classes === Infinity
    ? `at least ${firstLabel}`
    : `from ${firstLabel} to ${firstLabel + classes - 1}`;
  throw makeError(`label ${index} is ${data[0]}: it must be ${bounds}`, index);
}

function readShape({ type, shape }: IdxArray): readonly number[] {
  const [, , channels = 1] = shape;
  if (type === "uint8" && (shape.length === 2 || shape.length === 3) && channels <= 4) return shape;
  throw makeError(
    `its images must be bytes of shape [height, width] or [height, width, channels]: ` +
      `they are ${type} of shape [${shape.join(", ")}]`,
    0,
  );
}

function allocate(images: number, size: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(images * size);
  } catch {
    const bytes = (images * size).toLocaleString("en-US");
    throw makeError(`${pluralize(images, "image")} of ${bytes} bytes do not fit into memory`, 0);
  }
}

/** Exchanges rows and columns of images in their place. */
function transposeImages(
  pixels: Uint8Array,
  { rows, columns, channels }: { rows: number; columns: number; channels: number },
): void {
  const size = rows * columns * channels;
  for (let start = 0; start < pixels.length; start += size) {
    const image = pixels.slice(start, start + size);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (let channel = 0; channel < channels; channel++) {
          pixels[start + (column * rows + row) * channels + channel] =
            image[(row * columns + column) * channels + channel]!;
        }
      }
    }
  }
}
