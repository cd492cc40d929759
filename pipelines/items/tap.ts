/**
 * Functions called with items on their way: with all, or with one of every so many.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { andThen } from "../stage/_pull.ts";
import type { Stage } from "../stage/stage.ts";
import { stageOf } from "../stage/stage_of.ts";

export { StageError } from "../stage/stage_error.ts";

/**
 * Calls `fn` with each item and passes the item on. Holds one item.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, tap } from "@rill/rill/pipelines";
 *
 * const seen: string[] = [];
 * const items = tap((item: string, index) => seen.push(`${index}: ${item}`))(
 *   ReadableStream.from(["a", "b"]),
 * );
 * assertEquals(await collect(items), ["a", "b"]);
 * assertEquals(seen, ["0: a", "1: b"]);
 * ```
 *
 * @typeParam T The type of the items.
 * @param fn The function, of an item and its position in the epoch, from 0. A promise that it returns is awaited before the item is
 * passed on.
 * @returns The stage. An error of `fn` fails the stream as a {@linkcode StageError}.
 */
export function tap<T>(fn: (item: T, index: number) => unknown): Stage<T, T> {
  return stageOf({
    name: "tap",
    each: (item: T, index) => andThen(fn(item, index), () => item),
  });
}

/**
 * Calls `fn` with the last of every `interval` items, to log or to save now and then, and passes all items on. Holds one
 * item.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { drain, tapEvery } from "@rill/rill/pipelines";
 *
 * const saved: string[] = [];
 * await drain(tapEvery(2, (item: string) => saved.push(item))(ReadableStream.from([..."abcde"])));
 * assertEquals(saved, ["b", "d"]);
 * ```
 *
 * @typeParam T The type of the items.
 * @param interval After how many items to call it.
 * @param fn The function, of an item and its position in the epoch, from 0. A promise that it returns is awaited before the item is
 * passed on.
 * @returns The stage. An error of `fn` fails the stream as a {@linkcode StageError}.
 * @throws {RangeError} When `interval` is not an integer of at least 1.
 */
export function tapEvery<T>(
  interval: number,
  fn: (item: T, index: number) => unknown,
): Stage<T, T> {
  checkInteger(`visit every ${interval} items`, "interval", interval, { min: 1 });
  return stageOf({
    name: "visit",
    each: (item: T, index) =>
      (index + 1) % interval === 0 ? andThen(fn(item, index), () => item) : item,
  });
}
