/**
 * An array of numbers and its shape, as in IDX files: a whole file, or one of its items.
 *
 * `type` names the type of the numbers, as does the class of `data`; narrowing the one narrows the other.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { IdxArray } from "@rill/rill/pipelines";
 *
 * const bytes = (array: IdxArray): Uint8Array | undefined =>
 *   array.type === "uint8" ? array.data : undefined;
 * assertEquals(bytes({ type: "uint8", shape: [2], data: Uint8Array.of(1, 2) }), Uint8Array.of(1, 2));
 * ```
 *
 * @typeParam T The types of numbers that it may hold.
 */
export type IdxArray<T extends IdxType = IdxType> = {
  [K in T]: {
    /** The type of the numbers. */
    readonly type: K;
    /** The length in each dimension, the slowest first; `[]` for a single number. */
    readonly shape: readonly number[];
    /** The numbers in row-major order. */
    readonly data: IdxData[K];
  };
}[T];

/** The types of numbers that an IDX file may hold. */
export type IdxType = keyof IdxData;

/** The typed array for each type of numbers. */
export interface IdxData {
  /** Integers from 0 to 255. */
  uint8: Uint8Array<ArrayBuffer>;
  /** Integers of 8 bits. */
  int8: Int8Array<ArrayBuffer>;
  /** Integers of 16 bits. */
  int16: Int16Array<ArrayBuffer>;
  /** Integers of 32 bits. */
  int32: Int32Array<ArrayBuffer>;
  /** Single precision. */
  float32: Float32Array<ArrayBuffer>;
  /** Double precision. */
  float64: Float64Array<ArrayBuffer>;
}
