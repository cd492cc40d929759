/**
 * A cache of items in memory, for the epochs after the first.
 *
 * @module
 */

import { Input } from "../stage/_input.ts";
import { makeIterable } from "../stage/_iterable.ts";
import { andThen, END, type Pulled, pullUntil } from "../stage/_pull.ts";

/**
 * Keeps the items in memory: the first iteration that comes to the source's end keeps them all, and those that begin
 * after it pull nothing more from the source. Holds all items, so it goes behind what is slow and before what makes items
 * large or random.
 *
 * The items are given as they are, each time the same objects: a stage behind it must not change them.
 *
 * To resume, the source is pulled from its beginning, as the items have to be kept anyway.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { cache, collect, map, readIndexed, repeat } from "@rill/rill/pipelines";
 *
 * let calls = 0;
 * const items = pipe(
 *   { length: 2, get: (index: number) => index },
 *   readIndexed(),
 *   map((n) => `${n}: ${++calls}`),
 *   cache(),
 *   repeat(2),
 * );
 * assertEquals(await collect(items), ["0: 1", "1: 2", "0: 1", "1: 2"]);
 * ```
 *
 * @returns The stage.
 */
export function cache(): <T>(source: AsyncIterable<T>) => AsyncIterable<T> {
  return <T>(source: AsyncIterable<T>) => {
    let cached: readonly T[] | undefined;
    return makeIterable({
      name: "cache",
      state: { index: 0 },
      sources: [source],
      itemsPerOutput: 1,
      begin: ({ state, saved, tracked }) => {
        const input = new Input(source, tracked, saved?.part("source"));
        // The position of the source's beginning: it tells whether a position is one of this pipeline.
        const beginning = input.position();
        const items: T[] = [];
        /** Keeps an item, and tells whether it is to be given: it is not among those before a position. */
        const keep = (pulled: Pulled<T>): boolean =>
          pulled.done === true || items.push(pulled.value) > state.index;
        const giveCached = (all: readonly T[]): Pulled<T> =>
          state.index < all.length ? { done: false, value: all[state.index++] as T } : END;
        const give = (pulled: Pulled<T>): Pulled<T> => {
          if (pulled.done) return giveCached(cached ??= items);
          state.index++;
          return pulled;
        };
        const pull = () => input.pull();
        /** An iteration that has begun to pull goes on with that, as it has begun to keep the items. */
        const isServed = () => cached !== undefined && items.length === 0;
        return {
          outputs: () =>
            cached && (isServed() || input.ended)
              ? giveCached(cached)
              : andThen(pullUntil(pull, keep), give),
          get inputs() {
            return isServed() ? [] : [input];
          },
          source: () => beginning!,
        };
      },
    });
  };
}
