/**
 * One share of an indexed source.
 *
 * @module
 */

import { checkShard } from "../_arguments/check_integer.ts";
import { reorder } from "./_reorder.ts";
import type { IndexedSource } from "./indexed_source.ts";

export type { IndexedSource } from "./indexed_source.ts";

/**
 * Selects one of `count` shares of an indexed source: the items at `index`, `index + count`, `index + 2 * count` and so on.
 * Together the shares have each item once, and none has more than one item more than another.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, readIndexed, shardIndexed } from "@rill/rill/pipelines";
 *
 * const letters = { length: 5, get: (index: number) => "abcde"[index] };
 * assertEquals(await collect(readIndexed(shardIndexed(letters, 0, 2))), ["a", "c", "e"]);
 * assertEquals(await collect(readIndexed(shardIndexed(letters, 1, 2))), ["b", "d"]);
 * ```
 *
 * @typeParam T The type of the items.
 * @param source The source.
 * @param index Which share, from 0.
 * @param count How many shares there are.
 * @returns The source of the share's items.
 * @throws {RangeError} When `count` is not an integer of at least 1, or `index` not one from 0 to `count - 1`.
 */
export function shardIndexed<T>(
  source: IndexedSource<T>,
  index: number,
  count: number,
): IndexedSource<T> {
  checkShard(index, count);
  const length = Math.max(0, Math.ceil((source.length - index) / count));
  return reorder(source, length, (position) => index + position * count);
}
