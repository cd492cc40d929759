/**
 * Keys of random numbers: each draw is a pure function of its key.
 *
 * @module
 */

import { threefry } from "./_threefry.ts";

/** The key of a counter-based random stream: two unsigned 32-bit words. The same key always gives the same draws. */
export type Key = readonly [number, number];

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
 * @param seed An integer from 0 to 2^53 - 1.
 * @returns The key.
 * @throws {RangeError} If the seed is not such an integer.
 */
export function randomKey(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(
      `Cannot make a random key from ${seed}: a seed is an integer from 0 to 2^53 - 1`,
    );
  }
  return [Math.floor(seed / 0x1_0000_0000), seed >>> 0];
}

/**
 * Derives a key from a key and an integer, such as the number of a step, an epoch or a layer.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, assertNotEquals } from "@std/assert";
 * import { foldIn, randomKey } from "@rill/rill/models";
 *
 * const key = randomKey(0);
 * assertEquals(foldIn(key, 1), foldIn(key, 1));
 * assertNotEquals(foldIn(key, 1), foldIn(key, 2));
 * ```
 *
 * @param key The key to start from.
 * @param data An integer from 0 to 2^32 - 1.
 * @returns A key whose draws are independent of those of `key` and of other integers.
 */
export function foldIn(key: Key, data: number): Key {
  const words = new Uint32Array(2);
  threefry(key[0], key[1], 0xFFFFFFFF, data >>> 0, words);
  const [high = 0, low = 0] = words;
  return [high, low];
}
