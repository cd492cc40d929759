import { mapItems } from "./_map_items.ts";
import type { Stage } from "./stage.ts";

/**
 * Gives `fn` of each item. Holds one item.
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
 * @typeParam I The type of the items that go in.
 * @typeParam O The type of the items that come out.
 * @param fn The function, of an item and its position from 0. A promise that it returns is awaited before the next item
 * is pulled.
 * @returns The stage. An error of `fn` fails the stream as a {@linkcode StageError}.
 */
export function map<I, O>(fn: (item: I, index: number) => O | Promise<O>): Stage<I, O> {
  return mapItems("map", fn);
}
