/**
 * Mixes 32 bits so that each bit of the input moves each bit of the output with a chance close to one half. A
 * bijection.
 *
 * It is `lowbias32` of Chris Wellons' hash prospector: https://nullprogram.com/blog/2018/07/31/
 *
 * @returns 32 bits, as a signed number.
 */
export function mixBits(x: number): number {
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return x ^ (x >>> 16);
}

/**
 * Hashes integers of up to 53 bits, and their order.
 *
 * @returns 32 bits, as a signed number.
 */
export function hash(...values: readonly number[]): number {
  let h = 0;
  for (const value of values) h = extendHash(h, value);
  return h;
}

/** Adds a value to a hash: `extendHash(hash(a, b), c)` is `hash(a, b, c)`. */
export function extendHash(h: number, value: number): number {
  h = mixBits((h ^ value) + GOLDEN | 0);
  return mixBits((h ^ Math.floor(value / 2 ** 32)) + GOLDEN | 0);
}

/** Picks an integer from 0 to `bound - 1` by 32 random bits. */
export function pickBelow(bound: number, bits: number): number {
  return Math.floor((bits >>> 0) * bound / 2 ** 32);
}

/** 2^32 divided by the golden ratio, odd: keeps zeros from staying zeros. */
const GOLDEN = 0x9e3779b9;
