/**
 * A function of each item of an indexed source.
 *
 * @module
 */

import { andThen } from "../stage/_pull.ts";
import type { IndexedSource } from "./indexed_source.ts";

export type { IndexedSource } from "./indexed_source.ts";

/**
 * Applies `fn` to each item of an indexed source when it is read. Nothing is calculated before it is asked for, and nothing is kept.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, mapIndexed, readIndexed } from "@rill/rill/pipelines";
 *
 * const files = { length: 2, get: (index: number) => Promise.resolve(`file ${index}`) };
 * const sizes = pipe(files, mapIndexed((text) => text.length));
 * assertEquals(await collect(readIndexed()(sizes)), [6, 6]);
 * ```
 *
 * @typeParam I The type of the source's items.
 * @typeParam O The type of the items that are made of them.
 * @param fn The function, of an item and its index. A promise that it returns is awaited by who reads the source.
 * @returns A function from the source to that of the results.
 */
export function mapIndexed<I, O>(
  fn: (item: I, index: number) => O | Promise<O>,
): (source: IndexedSource<I>) => IndexedSource<O> {
  return (source) => ({
    get length() {
      return source.length;
    },
    // A promise of a promise is one promise, whatever its kind.
    get: (index) => andThen(source.get(index), (item) => fn(item, index)) as O | Promise<O>,
  });
}
