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
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, readIndexed, shardIndexed } from "@rill/rill/pipelines";
 *
 * const letters = { length: 5, get: (index: number) => "abcde"[index] };
 * const shares = [0, 1].map((index) => pipe(letters, shardIndexed(index, 2), readIndexed()));
 * assertEquals(await Promise.all(shares.map(collect)), [["a", "c", "e"], ["b", "d"]]);
 * ```
 *
 * @param index Which share, from 0.
 * @param count How many shares there are.
 * @returns A function from the source to that of the share's items.
 * @throws {RangeError} When `count` is not an integer of at least 1, or `index` not one from 0 to `count - 1`.
 */
export function shardIndexed(
  index: number,
  count: number,
): <T>(source: IndexedSource<T>) => IndexedSource<T> {
  checkShard(index, count);
  return (source) => {
    const length = Math.max(0, Math.ceil((source.length - index) / count));
    return reorder(source, length, (position) => index + position * count);
  };
}
