/**
 * Batches of examples: images in one array, labels in another.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { checkImage, describe } from "../data/_image_data.ts";
import { Pool } from "../data/_pool.ts";
import type { Batch } from "../data/batch.ts";
import type { Example } from "../data/example.ts";
import type { Image, ImageData } from "../data/image.ts";
import { isSameType, newArray, viewAs } from "../stage/_arrays.ts";
import { carryBatches, type PlanPart, planParts } from "../stage/_batch_shards.ts";
import type { Allocate, TypedArray } from "../stage/allocate.ts";
import { findFirstIndex } from "../stage/_start.ts";
import { stageOf, type StageRun } from "../stage/stage_of.ts";

export { StageError } from "../stage/stage_error.ts";
export type { Batch } from "../data/batch.ts";

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
 * Directly after {@linkcode resize}, {@linkcode normalize} or {@linkcode toFloat} nothing is copied: these write an
 * image to its place in the batch.
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
 * assertEquals(second?.size, 1);
 * ```
 *
 * @param size How many examples a batch holds.
 * @param options Whether to drop a smaller batch at the end.
 * @returns The stage. It fails with a {@linkcode StageError} at an example whose image is of another shape or type than
 * the batch's first, or whose label is not an integer of 32 bits.
 * @throws {RangeError} When `size` is not an integer of at least 1.
 */
export function batch(
  size: number,
  { dropRemainder = false }: BatchOptions = {},
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Batch<D>> {
  checkInteger(`batch by ${size}`, "size", size, { min: 1 });
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) => {
    const planPart = planParts("batch", source, size);
    const batches = stageOf({
      name: "batch",
      state: { index: findFirstIndex(source) },
      itemsPerOutput: size,
      begin: (run: StageRun<Example<D>>) => gatherBatches(run, { size, dropRemainder, planPart }),
    })(source);
    return carryBatches(batches, source, size);
  };
}

async function* gatherBatches<D extends ImageData>(
  { input, state, fail }: StageRun<Example<D>>,
  { size, dropRemainder, planPart }: {
    readonly size: number;
    readonly dropRemainder: boolean;
    readonly planPart: PlanPart | undefined;
  },
): AsyncGenerator<Batch<D>, void, undefined> {
  const pool = new Pool();
  // Known once the first example of a batch is there.
  const planNext = () => planPart?.(state.index - gathering.count);
  const gathering: Gathering<D> = new Gathering<D>(() => planNext()?.count ?? size, pool);
  const end = (): Batch<D> => {
    const part = planNext();
    const batch = gathering.end();
    return part ? { ...batch, part: { first: part.first, whole: part.whole } } : batch;
  };
  try {
    while (true) {
      // Awaited also where it is there: without a pause the memory of large batches is freed later, which costs a tenth.
      const { done, value: example } = await input.pull(gathering.allocate);
      if (done) break;
      try {
        gathering.add(example);
      } catch (cause) {
        fail(cause);
      }
      state.index++;
      if (gathering.count < gathering.size) continue;
      if (dropRemainder && (planNext()?.whole ?? size) < size) return;
      yield end();
    }
    if (gathering.count === 0) return;
    if (planPart) {
      fail(
        new RangeError(`it has ${gathering.count} of the ${gathering.size} examples of its part`),
      );
    }
    if (!dropRemainder) yield end();
  } finally {
    pool.close();
  }
}

/** Gathers examples until they are a batch. */
class Gathering<D extends ImageData> {
  /** How many examples are there. */
  count = 0;
  /** How many there are to be. */
  size = 0;
  readonly #findSize: () => number;
  readonly #pool: Pool;
  #first: Image<D> | undefined;
  /** The array for all images, which may be there before the first one is. */
  #data: TypedArray | undefined;
  /** The length of one image in it. */
  #length = 0;
  #labels: Int32Array<ArrayBuffer> | undefined;

  constructor(findSize: () => number, pool: Pool) {
    this.#findSize = findSize;
    this.#pool = pool;
  }

  /** Gives the place of the next image in the array, so that it need not be copied there. */
  readonly allocate: Allocate = <A extends TypedArray>(like: A, length: number): A => {
    if (!this.#fits(like, length)) {
      if (this.#first) return newArray(like, length); // It will be refused.
      this.#open(like, length);
    }
    const from = this.count * length;
    return this.#data!.subarray(from, from + length) as A;
  };

  /** Adds an example. */
  add({ image, label }: Example<D>): void {
    const { data } = image;
    if (this.#first) checkAlike(image, this.#first);
    else checkImage(image);
    if (!this.#fits(data, data.length)) this.#open(data, data.length);
    this.#first ??= image;
    const labels = this.#labels ??= new Int32Array(this.size);
    labels[this.count] = label;
    if (labels[this.count] !== label) {
      throw new RangeError(`the label ${label} is not an integer of 32 bits`);
    }
    if (data.buffer !== this.#data!.buffer) this.#data!.set(data, this.count * data.length);
    this.count++;
  }

  /** Gives the batch of what is there, and begins the next. */
  end(): Batch<D> {
    const { height, width, channels } = this.#first!;
    const { count } = this;
    const data = this.#data as D;
    const labels = this.#labels!;
    const isFull = count === this.size;
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

  #fits(like: TypedArray, length: number): boolean {
    return this.#data !== undefined && this.#length === length && isSameType(this.#data, like);
  }

  #open(like: TypedArray, length: number): void {
    this.#length = length;
    if (this.count === 0) this.size = this.#findSize();
    this.#data = viewAs(this.#pool.give(this.size * length * like.BYTES_PER_ELEMENT), like);
  }
}

function checkAlike(image: Image, first: Image): void {
  if (
    image.height === first.height && image.width === first.width &&
    image.channels === first.channels && image.data.length === first.data.length &&
    isSameType(image.data, first.data)
  ) return;
  checkImage(image);
  throw new TypeError(
    `the image is ${describe(image)} where the batch's first is ${describe(first)}`,
  );
}
