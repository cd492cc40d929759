import { ELEMENT_BYTES, type StoredType } from "./_elements.ts";

/** The most bytes that a header may have; the limit of the reference implementation. */
export const HEADER_LIMIT = 100_000_000;

/** The bytes before the header, which hold its length. */
export const LENGTH_BYTES = 8;

/** The entry of the header that isn't a tensor. */
export const METADATA = "__metadata__";

/** The largest count that the reference implementation, in Rust, computes with. */
const COUNT_LIMIT = 2n ** 64n - 1n;

/** Counts the bytes of a tensor, or gives `undefined` where that overflows, also on the way to an empty one. */
export function countBytes(type: StoredType, shape: readonly number[]): bigint | undefined {
  let count = 1n;
  for (const length of shape) {
    count *= BigInt(length);
    if (count > COUNT_LIMIT) return undefined;
  }
  const bytes = count * BigInt(ELEMENT_BYTES[type]);
  // The reference counts bits.
  return bytes * 8n > COUNT_LIMIT ? undefined : bytes;
}
