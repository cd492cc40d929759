import type { Allocate, TypedArray } from "./allocate.ts";

// By name, as a subclass such as Node's Buffer is not to be made.
const CLASSES = {
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
};

/** Makes a new array of the same type. */
export const newArray: Allocate = <A extends TypedArray>(like: A, length: number): A =>
  new CLASSES[like[Symbol.toStringTag]](length) as TypedArray as A;

/** Makes an array of the same type over all of a buffer. */
export const viewAs = <A extends TypedArray>(buffer: ArrayBuffer, like: A): A =>
  new CLASSES[like[Symbol.toStringTag]](buffer) as TypedArray as A;

/** Tells whether two arrays are of the same type. */
export const isSameType = (a: TypedArray, b: TypedArray): boolean =>
  a.constructor === b.constructor || a[Symbol.toStringTag] === b[Symbol.toStringTag];

/** A buffer of bytes that is given again and again, for items that are dropped before the next. */
export interface ReusedBytes {
  /** Gives an array of bytes in the buffer, with any content; of other types a new one. */
  readonly allocate: Allocate;
  /** Leaves the array that was given last to whoever has it. */
  forget(): void;
}

/** Makes a buffer that is given again and again. */
export function reuseBytes(): ReusedBytes {
  let last: ArrayBuffer | undefined;
  return {
    allocate: <A extends TypedArray>(like: A, length: number): A => {
      if (!(like instanceof Uint8Array)) return newArray(like, length);
      if (!last || last.byteLength < length) last = new ArrayBuffer(length);
      return new Uint8Array(last, 0, length) as TypedArray as A;
    },
    forget() {
      last = undefined;
    },
  };
}
