/**
 * Several items, or none, made of each item.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { flatMapAhead } from "./_flat_map_ahead.ts";
import { flatMapItems } from "./_flat_map_items.ts";
import type { Stage } from "../stage/stage.ts";

export { StageError } from "../stage/stage_error.ts";

/** Options of {@linkcode flatMap}. */
export interface FlatMapOptions {
  /**
   * How many items may be open at a time: while what was made of one is given, `fn` is called for those that come next, so
   * that what takes its time to open, such as a file over HTTP, is open when its turn comes.
   *
   * @default {1}
   */
  readonly concurrency?: number;
}

/**
 * Gives the items that `fn` makes of each item, one after the other: none, one or many. Holds one item, and what `fn`
 * made of it; with `concurrency` as many of both, and the first output of each stream among them. A stream is read further
 * ahead only by what `fn` puts behind it, such as {@linkcode prefetch}, which holds as many as it is told to. The order of
 * the outputs and the positions are the same for any `concurrency`. Closing closes all that is open.
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
 * @example Several streams open at a time
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, flatMap, prefetch } from "@rill/rill/pipelines";
 *
 * async function* readShard(shard: string): AsyncGenerator<string> {
 *   await new Promise((opened) => setTimeout(opened, 20));
 *   yield* [`${shard} 1`, `${shard} 2`];
 * }
 * const shards = flatMap((shard: string) => pipe(readShard(shard), prefetch(16)), { concurrency: 3 });
 * const records = await collect(shards(ReadableStream.from(["a", "b"])));
 * assertEquals(records, ["a 1", "a 2", "b 1", "b 2"]);
 * ```
 *
 * @typeParam I The type of the items that go in.
 * @typeParam O The type of the items that come out.
 * @param fn The function, of an item and its position in the epoch, from 0: it gives an array or another iterable, or a stream, or the
 * promise of one.
 * @param options How many items may be open at a time.
 * @returns The stage. An error of `fn`, or of what it gave, fails the stream as a {@linkcode StageError}, when its turn comes.
 * @throws {RangeError} When `concurrency` is not an integer of at least 1.
 */
export function flatMap<I, O>(
  fn: (
    item: I,
    index: number,
  ) => Iterable<O> | AsyncIterable<O> | Promise<Iterable<O> | AsyncIterable<O>>,
  { concurrency = 1 }: FlatMapOptions = {},
): Stage<I, O> {
  checkInteger(`flatMap ${concurrency} items at a time`, "concurrency", concurrency, { min: 1 });
  const stage = "flatMap";
  return concurrency === 1
    ? (source) => flatMapItems(stage, source, fn)
    : (source) => flatMapAhead(source, { stage, fn, concurrency });
}
