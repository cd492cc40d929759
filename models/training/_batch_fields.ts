import { countElements, formatShape } from "../types/_shape.ts";
import type { BatchPart, SizedBatch } from "./training_batch.ts";

/** What a batch has for all its examples: an array with one element for each example, or with a shape whose first dimension is that of the examples. */
export type Field = ArrayLike<unknown> | {
  readonly data: ArrayLike<unknown>;
  readonly shape: readonly number[];
};

/** Lists the fields of a batch besides its size and its place in a larger one. Throws a RangeError unless each has one entry for each example. */
export function listFields(batch: SizedBatch): [name: string, field: Field][] {
  const { size, part, ...fields } = batch as SizedBatch & Readonly<Record<string, Field>>;
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new RangeError(`Cannot take a batch of ${size} examples: there must be at least one`);
  }
  if (part !== undefined) checkPart(size, part as SizedBatch["part"] & object);
  const entries = Object.entries(fields).filter(([, field]) => field !== undefined);
  for (const [name, field] of entries) {
    const refuse = (found: string, why = "each field has one entry for each example"): never => {
      throw new RangeError(
        `Cannot take a batch of ${size} examples with the field ${name} of ${found}: ${why}`,
      );
    };
    if (isShaped(field)) {
      const found = `${formatShape(field.shape) || "no dimension"} (${field.data.length} numbers)`;
      if (field.shape[0] !== size) refuse(found);
      const count = countElements(field.shape);
      if (count !== field.data.length) refuse(found, `that shape takes ${count}`);
    } else if (typeof field !== "object" || field === null || !("length" in field)) {
      refuse(field === null ? "null" : `type ${typeof field}`);
    } else if (field.length !== size) refuse(`${field.length}`);
  }
  return entries;
}

function checkPart(size: number, { first, whole }: BatchPart): void {
  const isWithin = [first, whole].every(Number.isSafeInteger) && first >= 0 &&
    first + size <= whole;
  if (isWithin) return;
  throw new RangeError(
    `Cannot take a batch of ${size} examples as those after ${first} of ${whole}: they must be among them`,
  );
}

/** Gets the place of a batch's examples in the whole batch. Throws a RangeError for one that can't be. */
export function getPart({ part, size }: SizedBatch): BatchPart {
  if (!part) return { first: 0, whole: size };
  checkPart(size, part);
  return part;
}

/** Whether a batch's field is an array with a shape. */
export function isShaped(field: Field): field is Exclude<Field, ArrayLike<unknown>> {
  return typeof field === "object" && field !== null && "shape" in field && "data" in field;
}

/** Takes the examples from `start` to before `end` of a batch, as views where it has typed arrays: a batch of its own. */
export function sliceBatch<B extends SizedBatch>(batch: B, start: number, end: number): B {
  const parts = listFields(batch).map(([name, field]) => [name, sliceField(field, start, end)]);
  return { ...Object.fromEntries(parts), size: end - start };
}

/** Takes what a field has for the examples from `start` to before `end`. */
export function sliceField(field: Field, start: number, end: number): Field {
  const slice = <A extends ArrayLike<unknown>>(data: A, each: number): A =>
    (ArrayBuffer.isView(data)
      ? (data as unknown as Uint8Array).subarray(start * each, end * each)
      : Array.prototype.slice.call(data, start * each, end * each)) as unknown as A;
  if (!isShaped(field)) return slice(field, 1);
  const { data, shape: [, ...shape] } = field;
  return { ...field, data: slice(data, countElements(shape)), shape: [end - start, ...shape] };
}

/** Copies the first examples of a batch, so that its memory may be used again. */
export function copyExamples<B extends SizedBatch>(batch: B, count: number): B {
  const copy = <A extends ArrayLike<unknown>>(data: A): A =>
    ArrayBuffer.isView(data) ? (data as unknown as Uint8Array).slice() as unknown as A : data;
  const few = sliceBatch(batch, 0, Math.min(count, batch.size));
  const fields = listFields(few).map(([name, field]) => [
    name,
    isShaped(field) ? { ...field, data: copy(field.data) } : copy(field),
  ]);
  return { ...Object.fromEntries(fields), size: few.size };
}

/**
 * Watches which fields of a batch are read, so that nothing in it is ignored: a batch of mixed images, say, is no plain one.
 *
 * @returns The batch to hand out; a function that gives some of its examples, watched too; and a function that throws a RangeError if a field was never read.
 */
export function watchFields<B extends SizedBatch>(
  batch: B,
): { readonly watched: B; cut(start: number, end: number): B; checkRead(): void } {
  const unread = new Set(listFields(batch).map(([name]) => name));
  const watch = (batch: B): B =>
    new Proxy(batch, {
      get(target, name) {
        if (typeof name === "string") unread.delete(name);
        return Reflect.get(target, name);
      },
    });
  return {
    watched: watch(batch),
    cut: (start, end) => watch(sliceBatch(batch, start, end)),
    checkRead() {
      if (unread.size > 0) {
        throw new RangeError(
          `Cannot measure a batch with ${
            [...unread].join(", ")
          }, which neither the input nor the loss nor a metric reads: ` +
            "leave it out, or use a loss that takes it",
        );
      }
    },
  };
}
