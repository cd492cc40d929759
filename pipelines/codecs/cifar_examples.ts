/**
 * Images and labels of CIFAR-10 and CIFAR-100 (Krizhevsky, 2009), in one source to be read in any order.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { pluralize } from "../_arguments/text.ts";
import type { Example } from "../data/example.ts";
import type { IndexedSource } from "../indexed/indexed_source.ts";
import { readBytes } from "./_read_bytes.ts";
import { CifarError } from "./cifar_error.ts";

export type { Example } from "../data/example.ts";
export type { IndexedSource } from "../indexed/indexed_source.ts";
export { CifarError, type CifarProgress } from "./cifar_error.ts";

/** Options of {@linkcode cifarExamples}. */
export interface CifarExamplesOptions {
  /**
   * Which of the two it is: CIFAR-10, whose records have one label, or CIFAR-100, whose records have two.
   *
   * @default {10}
   */
  readonly version?: 10 | 100;
  /**
   * Which of CIFAR-100's labels to take: the class of 100, or its superclass of 20.
   *
   * @default {"fine"}
   */
  readonly label?: "fine" | "coarse";
  /**
   * How many examples to read, from the first on.
   *
   * @default {Infinity}
   */
  readonly limit?: number;
}

/** Images and labels in memory. */
export interface CifarExamples extends IndexedSource<Example<Uint8Array<ArrayBuffer>>> {
  /** The label of each image. */
  readonly labels: Int32Array<ArrayBuffer>;
  /** Gives the example of an index, from 0 to `length - 1`; its image is a view of the array of all. */
  get(index: number): Example<Uint8Array<ArrayBuffer>>;
}

const SIDE = 32;
const PIXELS = SIDE * SIDE;
const SIZE = 3 * PIXELS;

/**
 * Reads the files of the binary version of CIFAR-10 or CIFAR-100 into memory, one behind the other: images of 32 x 32 pixels
 * and three channels. A record is its label (of CIFAR-100 the coarse one and the fine one), a byte each, and the red, the green
 * and the blue samples: https://www.cs.toronto.edu/~kriz/cifar.html.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cifarExamples } from "@rill/rill/pipelines";
 *
 * // More often: (await Deno.open("data_batch_1.bin")).readable, and so on.
 * const file = new Uint8Array(3073);
 * file[0] = 6; // A frog,
 * file.fill(200, 1 + 1024, 1 + 2 * 1024); // all green.
 * const source = await cifarExamples([file]);
 * assertEquals([...source.labels], [6]);
 * assertEquals(source.get(0).image.data.slice(0, 3), Uint8Array.of(0, 200, 0));
 * ```
 *
 * @param files The content of each file: its bytes or a stream of them, gzipped or plain.
 * @param options Which of the two it is, and what to read of it.
 * @returns The examples. The promise is rejected with a {@linkcode CifarError} where a file ends within a record or has a label
 * out of range.
 * @throws {RangeError} When `version` or `label` is unknown, or `limit` neither an integer of at least 0 nor `Infinity`.
 */
export async function cifarExamples(
  files: readonly (Uint8Array | AsyncIterable<Uint8Array>)[],
  { version = 10, label = "fine", limit = Infinity }: CifarExamplesOptions = {},
): Promise<CifarExamples> {
  if (version !== 10 && version !== 100) {
    throw new RangeError(`Cannot read CIFAR-${version}: the version must be 10 or 100`);
  }
  if (label !== "fine" && label !== "coarse") {
    throw new RangeError(`Cannot read labels ${label} of CIFAR: they must be fine or coarse`);
  }
  if (limit !== Infinity) checkInteger(`read ${limit} examples`, "number", limit);
  const at = version === 100 && label === "fine" ? 1 : 0;
  const classes = version === 10 ? 10 : label === "fine" ? 100 : 20;
  const labels: number[] = [];
  const images: Uint8Array[] = [];
  for (const [file, content] of files.entries()) {
    if (labels.length >= limit) break;
    let record = 0;
    const recordSize = SIZE + (version === 10 ? 1 : 2);
    for await (const bytes of cutRecords(readBytes(content), recordSize)) {
      if (bytes.length < recordSize) {
        const found = pluralize(bytes.length, "byte");
        throw new CifarError(`the file ends after ${found} of ${recordSize}`, { file, record });
      }
      const found = bytes[at]!;
      if (found >= classes) {
        throw new CifarError(`its label is ${found}: it must be below ${classes}`, {
          file,
          record,
        });
      }
      labels.push(found);
      images.push(interleave(bytes.subarray(recordSize - SIZE)));
      record++;
      if (labels.length >= limit) break;
    }
  }
  const pixels = new Uint8Array(images.length * SIZE);
  images.forEach((image, index) => pixels.set(image, index * SIZE));
  const { length } = labels;
  const all = Int32Array.from(labels);
  return {
    length,
    labels: all,
    get: (index) => {
      checkInteger(`read image ${index} of ${length}`, "index", index, { max: length - 1 });
      return {
        image: {
          data: pixels.subarray(index * SIZE, (index + 1) * SIZE),
          height: SIDE,
          width: SIDE,
          channels: 3,
        },
        label: all[index]!,
      };
    },
  };
}

/** Cuts a stream into records of so many bytes; the last may be shorter. */
async function* cutRecords(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let record = new Uint8Array(size);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const piece = chunk.subarray(at, at + size - filled);
      record.set(piece, filled);
      filled += piece.length;
      at += piece.length;
      if (filled < size) break;
      yield record;
      record = new Uint8Array(size);
      filled = 0;
    }
  }
  if (filled > 0) yield record.subarray(0, filled);
}

/** Puts the three samples of a pixel side by side. */
function interleave(planes: Uint8Array): Uint8Array {
  const image = new Uint8Array(SIZE);
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      image[3 * pixel + channel] = planes[channel * PIXELS + pixel]!;
    }
  }
  return image;
}
