/**
 * Items that can be had in any order.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, type IndexedSource, readIndexed } from "@rill/rill/pipelines";
 *
 * const squares: IndexedSource<number> = { length: 4, get: (index) => index ** 2 };
 * assertEquals(await collect(readIndexed()(squares)), [0, 1, 4, 9]);
 * ```
 *
 * @typeParam T The type of the items.
 */
export interface IndexedSource<T> {
  /** How many items there are. */
  readonly length: number;
  /** Gives the item of an index, from 0 to `length - 1`. */
  get(index: number): T | Promise<T>;
}
