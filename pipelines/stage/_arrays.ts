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

/**
 * Makes a function that allocates one array of bytes and gives it again while it fits: for items that are dropped before
 * the next.
 */
export function reuseBytes(): Allocate {
  let last = new Uint8Array();
  return <A extends TypedArray>(like: A, length: number): A => {
    if (!(like instanceof Uint8Array)) return newArray(like, length);
    if (last.length !== length) last = new Uint8Array(length);
    return last as TypedArray as A;
  };
}
