import { mapItems } from "./_map_items.ts";
import { andThen } from "./_settle.ts";
import type { Stage } from "./stage.ts";

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
 * @param fn The function, of an item and its position from 0. A promise that it returns is awaited before the item is
 * passed on.
 * @returns The stage. An error of `fn` fails the stream as a {@linkcode StageError}.
 */
export function tap<T>(fn: (item: T, index: number) => unknown): Stage<T, T> {
  return mapItems("tap", (item, index) => andThen(fn(item, index), () => item));
}
