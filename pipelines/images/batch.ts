import { checkInteger } from "../_arguments/check_integer.ts";
import { checkImage, dataIn, describe, newData } from "../data/_image_data.ts";
import type { Input } from "../stage/_input.ts";
import type { Into } from "../stage/_into.ts";
import { counted, type Place } from "../stage/_output.ts";
import { Pool } from "../data/_pool.ts";
import type { Example } from "../data/example.ts";
import type { Image, ImageData } from "../data/image.ts";
import type { Batch } from "../data/batch.ts";
import { StageError } from "../stage/stage_error.ts";

/** Options of {@linkcode batch}. */
export interface BatchOptions {
  /**
   * Whether the examples that are left at the end, too few for a batch of full size, are dropped.
   *
   * @default {false}
   */
  readonly dropRemainder?: boolean;
}

/**
 * Gathers examples in batches: the images in one array and the labels in another, which are new for each batch unless
 * {@linkcode recycle} gave back the memory of one before. Holds one batch.
 *
 * Directly behind {@linkcode resize}, {@linkcode normalize} or {@linkcode toFloat} nothing is copied: these write an image
 * to its place in the batch.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { batch, collect, type Example, map } from "@rill/rill/pipelines";
 *
 * const toExample = map((label: number): Example => ({
 *   image: { data: Uint8Array.of(label, label), height: 1, width: 2, channels: 1 },
 *   label,
 * }));
 * const [first, second] = await collect(batch(2)(toExample(ReadableStream.from([7, 8, 9]))));
 * assertEquals(first, {
 *   images: { data: Uint8Array.of(7, 7, 8, 8), shape: [2, 1, 2, 1] },
 *   labels: Int32Array.of(7, 8),
 *   size: 2,
 * });
 * assertEquals(second.size, 1);
 * ```
 *
 * @param size How many examples a batch holds.
 * @param options What to do with a smaller one at the end.
 * @returns The stage. It fails with a {@linkcode StageError} at an example whose image is of another shape or type than
 * the batch's first, or whose label is not an integer of 32 bits.
 * @throws {RangeError} When `size` is not an integer of at least 1.
 */
export function batch(
  size: number,
  { dropRemainder = false }: BatchOptions = {},
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Batch<D>> {
  checkInteger(`batch by ${size}`, "size", size, { min: 1 });
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    counted(
      "batch",
      source,
      (input: Input<Example<D>>, place) => batched(input, place, size, dropRemainder),
    );
}

async function* batched<D extends ImageData>(
  input: Input<Example<D>>,
  place: Place,
  size: number,
  dropRemainder: boolean,
): AsyncGenerator<Batch<D>, void, undefined> {
  const pool = new Pool();
  const gathering = new Gathering<D>(size, pool);
  try {
    for await (const example of input.iterate(gathering.into)) {
      try {
        gathering.add(example);
      } catch (cause) {
        throw new StageError("batch", place.index, cause);
      }
      place.index++;
      if (gathering.count === size) yield gathering.end();
    }
    if (gathering.count > 0 && !dropRemainder) yield gathering.end();
  } finally {
    pool.close();
  }
}

/** A batch on its way. */
class Gathering<D extends ImageData> {
  /** How many examples are there. */
  count = 0;
  readonly #size: number;
  readonly #pool: Pool;
  #first: Image<D> | undefined;
  /** The array for all images, which may be there before the first one is. */
  #data: ImageData | undefined;
  /** The length of one image in it. */
  #length = 0;
  #labels: Int32Array<ArrayBuffer> | undefined;

  constructor(size: number, pool: Pool) {
    this.#size = size;
    this.#pool = pool;
  }

  /** Gives the place of the next image in the array, so that it need not be copied there. */
  readonly into: Into = <E extends ImageData>(like: E, length: number): E => {
    if (!this.#fits(like, length)) {
      if (this.#first) return newData(like, length); // It will be refused.
      this.#open(like, length);
    }
    const from = this.count * length;
    return this.#data!.subarray(from, from + length) as E;
  };

  add({ image, label }: Example<D>): void {
    const { data } = image;
    if (this.#first) checkAlike(image, this.#first);
    else checkImage(image);
    if (!this.#fits(data, data.length)) this.#open(data, data.length);
    this.#first ??= image;
    const labels = this.#labels ??= new Int32Array(this.#size);
    labels[this.count] = label;
    if (labels[this.count] !== label) {
      throw new RangeError(`the label ${label} is not an integer of 32 bits`);
    }
    if (data.buffer !== this.#data!.buffer) this.#data!.set(data, this.count * data.length);
    this.count++;
  }

  /** The batch of what is there. The next one begins. */
  end(): Batch<D> {
    const { height, width, channels } = this.#first!;
    const { count } = this;
    const data = this.#data as D;
    const labels = this.#labels!;
    const isFull = count === this.#size;
    this.count = 0;
    this.#data = this.#labels = this.#first = undefined;
    return {
      images: {
        // The rest of a smaller batch is copied, so as not to keep the memory of a full one.
        data: isFull ? data : data.slice(0, count * this.#length) as D,
        shape: [count, height, width, channels],
      },
      labels: isFull ? labels : labels.slice(0, count),
      size: count,
    };
  }

  #fits(like: ImageData, length: number): boolean {
    return this.#data !== undefined && this.#length === length &&
      this.#data instanceof Uint8Array === like instanceof Uint8Array;
  }

  #open(like: ImageData, length: number): void {
    this.#length = length;
    this.#data = dataIn(this.#pool.give(this.#size * length * like.BYTES_PER_ELEMENT), like);
  }
}

function checkAlike(image: Image, first: Image): void {
  if (
    image.height === first.height && image.width === first.width &&
    image.channels === first.channels && image.data.length === first.data.length &&
    image.data instanceof Uint8Array === first.data instanceof Uint8Array
  ) return;
  checkImage(image);
  throw new TypeError(
    `the image is ${describe(image)} where the batch's first is ${describe(first)}`,
  );
}
