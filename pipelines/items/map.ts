/**
 * A function of each item, several at a time where it waits.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { makeWork, markPerItem } from "../stage/_per_item.ts";
import { workItems } from "../stage/_work_items.ts";
import type { Stage } from "../stage/stage.ts";
import { stageOf } from "../stage/stage_of.ts";

export { StageError } from "../stage/stage_error.ts";

/** Options of {@linkcode map}. */
export interface MapOptions {
  /**
   * How many items the function may be at work on at a time.
   *
   * @default {1}
   */
  readonly concurrency?: number;
  /**
   * Whether the results come in the order of the items, or each as soon as it is there. In the latter case a pipeline has
   * no positions to resume from, as chance decides what comes before them.
   *
   * @default {true}
   */
  readonly ordered?: boolean;
}

/**
 * Applies `fn` to each item. Holds one item, or up to `concurrency` of them, the one it gave included. Calls that are under
 * way when the stream is closed or fails are left to end by themselves.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, map } from "@rill/rill/pipelines";
 *
 * const squares = map((n: number) => n * n)(ReadableStream.from([1, 2, 3]));
 * assertEquals(await collect(squares), [1, 4, 9]);
 * ```
 *
 * @example Several at a time
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, map } from "@rill/rill/pipelines";
 *
 * const slowly = (ms: number) => new Promise<number>((done) => setTimeout(() => done(ms), ms));
 * const source = [50, 10, 30];
 * const inOrder = map(slowly, { concurrency: 3 })(ReadableStream.from(source));
 * assertEquals(await collect(inOrder), [50, 10, 30]);
 * const asTheyFinish = map(slowly, { concurrency: 3, ordered: false })(ReadableStream.from(source));
 * assertEquals(await collect(asTheyFinish), [10, 30, 50]);
 * ```
 *
 * @typeParam I The type of the items that go in.
 * @typeParam O The type of the items that come out.
 * @param fn The function, of an item and its position in the epoch, from 0. A promise that it returns is awaited; how many there may be
 * at a time is an option.
 * @param options How many items to work on at a time, and in which order to give them.
 * @returns The stage. An error of `fn` fails the stream as a {@linkcode StageError}.
 * @throws {RangeError} When `concurrency` is not an integer of at least 1.
 */
export function map<I, O>(
  fn: (item: I, index: number) => O | Promise<O>,
  { concurrency = 1, ordered = true }: MapOptions = {},
): Stage<I, O> {
  checkInteger(`map ${concurrency} items at a time`, "concurrency", concurrency, { min: 1 });
  if (concurrency === 1) return stageOf({ name: "map", each: (item: I, index) => fn(item, index) });
  const begin = () => makeWork("map", fn);
  return (source) => {
    const outputs = workItems(source, { name: "map", concurrency, ordered, begin });
    return ordered ? markPerItem(outputs, { source, concurrency, begin }) : outputs;
  };
}
