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

const EMPTY = new ArrayBuffer(0);

/** Gives one buffer of bytes again and again: for items that are dropped before the next. */
export class ReusedBytes {
  #buffer = EMPTY;

  /** Gives an array of bytes in the buffer, with any content; of other types a new one. */
  readonly allocate: Allocate = <A extends TypedArray>(like: A, length: number): A => {
    if (!(like instanceof Uint8Array)) return newArray(like, length);
    if (this.#buffer.byteLength < length) this.#buffer = new ArrayBuffer(length);
    return new Uint8Array(this.#buffer, 0, length) as TypedArray as A;
  };

  /** Leaves the array that was given last to whoever has it. */
  forget(): void {
    this.#buffer = EMPTY;
  }
}
