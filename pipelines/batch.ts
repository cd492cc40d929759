import { checkWhole } from "./_check_whole.ts";
import { checkImage, describe, newData } from "./_image_data.ts";
import type { Input } from "./_input.ts";
import { counted, type Place } from "./_output.ts";
import type { Example } from "./example.ts";
import type { Image, ImageData } from "./image.ts";
import type { Batch } from "./image_batch.ts";
import { StageError } from "./stage_error.ts";

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
 * Gathers examples in batches: the images in one array, which is new for each batch, and the labels in another. Holds
 * one batch.
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
 * the batch's first, or whose label is not a whole number of 32 bits.
 * @throws {RangeError} When `size` is not a whole number of at least 1.
 */
export function batch(
  size: number,
  { dropRemainder = false }: BatchOptions = {},
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Batch<D>> {
  checkWhole(`batch by ${size}`, "size", size, { min: 1 });
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
  let gathering: Gathering<D> | undefined;
  for await (const example of input) {
    try {
      gathering ??= gather(example.image, size);
      add(gathering, example);
    } catch (cause) {
      throw new StageError("batch", place.index, cause);
    }
    place.index++;
    if (gathering.count < size) continue;
    const full = toBatch(gathering);
    gathering = undefined;
    yield full;
  }
  if (gathering && !dropRemainder) yield toBatch(gathering);
}

/** A batch on its way: arrays for all of it, of which `count` examples are there. */
interface Gathering<D extends ImageData> {
  readonly first: Image<D>;
  readonly data: D;
  readonly labels: Int32Array<ArrayBuffer>;
  count: number;
}

function gather<D extends ImageData>(first: Image<D>, size: number): Gathering<D> {
  checkImage(first);
  return {
    first,
    data: newData(first.data, size * first.data.length),
    labels: new Int32Array(size),
    count: 0,
  };
}

function add<D extends ImageData>(batch: Gathering<D>, { image, label }: Example<D>): void {
  const { first, data, labels, count } = batch;
  if (
    image.height !== first.height || image.width !== first.width ||
    image.channels !== first.channels || image.data.length !== first.data.length ||
    image.data instanceof Uint8Array !== first.data instanceof Uint8Array
  ) {
    checkImage(image);
    throw new TypeError(
      `the image is ${describe(image)} where the batch's first is ${describe(first)}`,
    );
  }
  labels[count] = label;
  if (labels[count] !== label) {
    throw new RangeError(`the label ${label} is not a whole number of 32 bits`);
  }
  data.set(image.data, count * image.data.length);
  batch.count++;
}

function toBatch<D extends ImageData>({ first, data, labels, count }: Gathering<D>): Batch<D> {
  const { height, width, channels } = first;
  const full = count === labels.length;
  return {
    images: {
      // The rest of a smaller batch is copied, so as not to keep the memory of a full one.
      data: full ? data : data.slice(0, count * first.data.length) as D,
      shape: [count, height, width, channels],
    },
    labels: full ? labels : labels.slice(0, count),
    size: count,
  };
}
