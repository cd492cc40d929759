import { countElements, formatShape } from "../types/_shape.ts";
import type { SizedBatch } from "./training_batch.ts";

/** An array with one element for each example, or with a shape whose first dimension is that of the examples. */
type Field = ArrayLike<unknown> | {
  readonly data: ArrayLike<unknown>;
  readonly shape: readonly number[];
};

/** Lists the fields of a batch besides its size. Throws a RangeError unless each has one entry for each example. */
export function listFields(batch: SizedBatch): [name: string, field: Field][] {
  const { size, ...fields } = batch as SizedBatch & Readonly<Record<string, Field>>;
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new RangeError(`Cannot take a batch of ${size} examples: there must be at least one`);
  }
  const entries = Object.entries(fields).filter(([, field]) => field !== undefined);
  for (const [name, field] of entries) {
    const fits = "shape" in field
      ? field.shape[0] === size && countElements(field.shape) === field.data.length
      : field.length === size;
    if (fits) continue;
    const found = "shape" in field
      ? `${formatShape(field.shape)} (${field.data.length} numbers)`
      : `${field.length}`;
    throw new RangeError(
      `Cannot take a batch of ${size} examples with the field ${name} of ${found}: ` +
        "each field has one entry for each example",
    );
  }
  return entries;
}

/** Takes the examples from `start` to before `end` of a batch, as views where it has typed arrays. */
export function sliceBatch<B extends SizedBatch>(batch: B, start: number, end: number): B {
  const slice = <A extends ArrayLike<unknown>>(data: A, each: number): A =>
    (ArrayBuffer.isView(data)
      ? (data as unknown as Uint8Array).subarray(start * each, end * each)
      : Array.prototype.slice.call(data, start * each, end * each)) as unknown as A;
  const parts = listFields(batch).map(([name, field]) => {
    if (!("shape" in field)) return [name, slice(field, 1)];
    const { data, shape: [, ...shape] } = field;
    return [name, {
      ...field,
      data: slice(data, countElements(shape)),
      shape: [end - start, ...shape],
    }];
  });
  return { ...Object.fromEntries(parts), size: end - start };
}

/**
 * Watches which fields of a batch are read, so that nothing in it is ignored: a batch of mixed images, say, is no plain one.
 *
 * @param read The fields that have been read.
 * @returns The batch to hand out; and a function that throws a RangeError if a field was never read.
 */
export function watchFields<B extends SizedBatch>(
  batch: B,
  read: readonly string[] = [],
): { readonly watched: B; checkRead(): void } {
  const unread = new Set(
    listFields(batch).map(([name]) => name).filter((name) => !read.includes(name)),
  );
  const watched = new Proxy(batch, {
    get(target, name, receiver) {
      if (typeof name === "string") unread.delete(name);
      return Reflect.get(target, name, receiver);
    },
  });
  return {
    watched,
    checkRead() {
      if (unread.size > 0) {
        throw new RangeError(
          `Cannot train on a batch with ${
            [...unread].join(", ")
          }, which neither the input nor the loss nor a metric reads: ` +
            "leave it out, or use a loss that takes it",
        );
      }
    },
  };
}
