import { checkWhole } from "./_check_whole.ts";
import { mapItems } from "./_map_items.ts";
import { andThen } from "./_settle.ts";
import type { Stage } from "./stage.ts";

/**
 * Calls `fn` with the last of every `interval` items, to log or to save now and then, and passes all items on. Holds one
 * item.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { drain, every } from "@rill/rill/pipelines";
 *
 * const saved: string[] = [];
 * await drain(every(2, (item: string) => saved.push(item))(ReadableStream.from([..."abcde"])));
 * assertEquals(saved, ["b", "d"]);
 * ```
 *
 * @typeParam T The type of the items.
 * @param interval After how many items to call it.
 * @param fn The function, of an item and its position from 0. A promise that it returns is awaited before the item is
 * passed on.
 * @returns The stage. An error of `fn` fails the stream as a {@linkcode StageError}.
 * @throws {RangeError} When `interval` is not a whole number of at least 1.
 */
export function every<T>(
  interval: number,
  fn: (item: T, index: number) => unknown,
): Stage<T, T> {
  checkWhole(`visit every ${interval} items`, "interval", interval, { min: 1 });
  return mapItems(
    "visit",
    (item, index) => (index + 1) % interval === 0 ? andThen(fn(item, index), () => item) : item,
  );
}
