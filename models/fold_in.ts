import type { Key } from "./key.ts";
import { threefry } from "./_threefry.ts";

/**
 * Derives a key from a key and a number: of a step, an epoch, a layer.
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
 * @param data A whole number from 0 to 2^32 - 1.
 * @returns A key whose draws have nothing to do with those of `key` or of another number.
 */
export function foldIn(key: Key, data: number): Key {
  const words = new Uint32Array(2);
  threefry(key[0], key[1], 0xFFFFFFFF, data >>> 0, words);
  return [words[0], words[1]];
}
