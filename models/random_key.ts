import type { Key } from "./key.ts";

/**
 * Makes the key of a random stream from a seed.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { randomKey } from "@rill/rill/models";
 *
 * assertEquals(randomKey(7), [0, 7]);
 * ```
 *
 * @param seed A whole number from 0 to 2^53 - 1.
 * @returns The key.
 * @throws {RangeError} If the seed is not such a number.
 */
export function randomKey(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(
      `Cannot make a random key from ${seed}: a seed is a whole number from 0 to 2^53 - 1`,
    );
  }
  return [Math.floor(seed / 0x1_0000_0000), seed >>> 0];
}
