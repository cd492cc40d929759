/**
 * Several items, or none, made of each item.
 *
 * @module
 */

import { flatMapItems } from "./_flat_map_items.ts";
import type { Stage } from "../stage/stage.ts";

export { StageError } from "../stage/stage_error.ts";

/**
 * Gives the items that `fn` makes of each item, one after the other: none, one or many. Holds one item, and what `fn`
 * made of it.
 *
 * To resume, `fn` is called again with the item in which the pipeline was. What it gave then is skipped, or, where it
 * gives something {@linkcode Resumable}, started from where it was.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, flatMap } from "@rill/rill/pipelines";
 *
 * const words = flatMap((line: string) => line.split(" "))(ReadableStream.from(["a b", "c"]));
 * assertEquals(await collect(words), ["a", "b", "c"]);
 * ```
 *
 * @example A stream for each item
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, flatMap, readIndexed } from "@rill/rill/pipelines";
 *
 * const count = flatMap((length: number) => readIndexed()({ length, get: (index) => index }));
 * assertEquals(await collect(count(ReadableStream.from([2, 3]))), [0, 1, 0, 1, 2]);
 * ```
 *
 * @typeParam I The type of the items that go in.
 * @typeParam O The type of the items that come out.
 * @param fn The function, of an item and its position from 0: it gives an array or another iterable, or a stream, or the
 * promise of one.
 * @returns The stage. An error of `fn`, or of what it gave, fails the stream as a {@linkcode StageError}.
 */
export function flatMap<I, O>(
  fn: (
    item: I,
    index: number,
  ) => Iterable<O> | AsyncIterable<O> | Promise<Iterable<O> | AsyncIterable<O>>,
): Stage<I, O> {
  return (source) => flatMapItems("flatMap", source, fn);
}
