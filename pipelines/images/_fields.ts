import { isSameType, newArray } from "../stage/_arrays.ts";
import type { TypedArray } from "../stage/allocate.ts";

/** What an item has in a field: its numbers, with their shape. A number by itself has the shape `[]`. */
interface Entry {
  readonly data: TypedArray;
  readonly shape: readonly number[];
}

/** What a batch has in a field. */
export type Column = TypedArray | Entry;

/** Gathers one field of a batch's items. */
export interface Field {
  /** Adds an item's. Throws a TypeError or a RangeError where it doesn't fit the batch's first. */
  add(value: unknown): void;
  /** Gives those of so many items, as fields of the batch. */
  end(count: number): Record<string, Column>;
}

/** Gathers a field whose entries have one shape: each is copied to its place as it comes. */
export function gatherAlike(name: string, size: number, isInteger: boolean): Field {
  let first: Entry | undefined;
  let data: TypedArray | undefined;
  let added = 0;
  return {
    add(value) {
      const entry = readEntry(name, value, isInteger);
      first ??= entry;
      if (!isSameType(entry.data, first.data) || `${entry.shape}` !== `${first.shape}`) {
        refuse(name, entry, first, entry.shape.length === first.shape.length);
      }
      data ??= newArray(entry.data, size * entry.data.length);
      data.set(entry.data, added++ * entry.data.length);
    },
    end(count) {
      const { data: { length }, shape } = first!;
      // The rest of a smaller batch is copied, so as not to keep the memory of a full one.
      const all = count === size ? data! : data!.slice(0, count * length) as TypedArray;
      return { [name]: shape.length === 0 ? all : { data: all, shape: [count, ...shape] } };
    },
  };
}

/** Gathers a field whose entries have the same number of dimensions, of any lengths, and a mask of what isn't padding. */
export function gatherPadded(name: string, padding: number): Field {
  const entries: Entry[] = [];
  return {
    add(value) {
      const entry = readEntry(name, value, false);
      const [first] = entries;
      if (entry.shape.length === 0) {
        throw new TypeError(`the field ${name}, which is to be padded, is ${describe(entry)}`);
      }
      if (!first) {
        checkPadding(name, entry, padding);
      } else if (
        !isSameType(entry.data, first.data) || entry.shape.length !== first.shape.length
      ) {
        refuse(name, entry, first, false);
      }
      entries.push(entry);
    },
    end(count) {
      const [{ data: like, shape }] = entries as [Entry];
      const longest = shape.map((_, d) => Math.max(...entries.map(({ shape }) => shape[d]!)));
      const length = countElements(longest);
      const data = newArray(like, count * length).fill(padding) as TypedArray;
      const mask = new Uint8Array(count * length);
      entries.forEach((entry, i) => place(entry, longest, i * length, data, mask));
      return {
        [name]: { data, shape: [count, ...longest] },
        [nameMask(name)]: { data: mask, shape: [count, ...longest] },
      };
    },
  };
}

/** Gives the name of the field that tells what isn't padding in another. */
export const nameMask = (name: string): string => `${name}Mask`;

/** Copies an array to the corner of a larger one of as many dimensions, and marks where it is. */
function place(
  { data, shape }: Entry,
  into: readonly number[],
  start: number,
  output: TypedArray,
  mask: Uint8Array,
): void {
  const row = shape.at(-1)!;
  for (let from = 0; from < data.length; from += row) {
    let [rest, to, step] = [from / row, start, into.at(-1)!];
    for (let d = shape.length - 2; d >= 0; d--) {
      to += rest % shape[d]! * step;
      rest = Math.floor(rest / shape[d]!);
      step *= into[d]!;
    }
    output.set(data.subarray(from, from + row), to);
    mask.fill(1, to, to + row);
  }
}

/** Reads what an item has in a field. */
function readEntry(name: string, value: unknown, isInteger: boolean): Entry {
  if (isInteger) {
    const data = Int32Array.of(value as number);
    if (data[0] === value) return { data, shape: [] };
    throw new RangeError(`the field ${name} is ${tell(value)}, not an integer of 32 bits`);
  }
  if (typeof value === "number") return { data: Float32Array.of(value), shape: [] };
  if (typeof value === "boolean") return { data: Uint8Array.of(Number(value)), shape: [] };
  if (isTypedArray(value)) return { data: value, shape: [value.length] };
  const { data, shape, height, width, channels } = (value ?? {}) as Record<string, unknown>;
  const lengths: unknown[] = Array.isArray(shape) ? shape : [height, width, channels];
  if (!isTypedArray(data) || !lengths.every((n) => Number.isInteger(n))) {
    throw new TypeError(
      `the field ${name} is ${tell(value)}: it must be a number, a boolean, a typed array, ` +
        "one with its shape, or an image",
    );
  }
  const entry = { data, shape: lengths as number[] };
  if (entry.shape.every((n) => n >= 0) && countElements(entry.shape) === data.length) return entry;
  throw new RangeError(`the field ${name} is ${describe(entry)} and has ${data.length} numbers`);
}

/** Refuses an entry that differs from the batch's first. */
function refuse(name: string, entry: Entry, first: Entry, isRagged: boolean): never {
  throw new RangeError(
    `the field ${name} is ${describe(entry)} where the batch's first is ${describe(first)}` +
      (isRagged && isSameType(entry.data, first.data) ? ", and no padding is given for it" : ""),
  );
}

/** Refuses padding that an array can't hold. */
function checkPadding(name: string, entry: Entry, padding: number): void {
  const { data } = entry;
  if (data instanceof Float32Array || data instanceof Float64Array) return;
  if (newArray(data, 1).fill(padding)[0] === padding) return;
  throw new RangeError(
    `the field ${name} is ${describe(entry)}, which can't be padded with ${padding}`,
  );
}

/** The shape and type of an entry, for messages: `28 × 28 × 1 uint8`, `one float32` for a number. */
function describe({ data, shape }: Entry): string {
  const type = data[Symbol.toStringTag].replace("Array", "").toLowerCase();
  return shape.length === 0 ? `one ${type}` : `${shape.join(" × ")} ${type}`;
}

/** A value of any kind, for messages. */
function tell(value: unknown): string {
  if (typeof value === "number" || value === null || value === undefined) return `${value}`;
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}

const isTypedArray = (value: unknown): value is TypedArray =>
  ArrayBuffer.isView(value) && "length" in value && typeof value.length === "number" &&
  !(value instanceof BigInt64Array || value instanceof BigUint64Array);

const countElements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
