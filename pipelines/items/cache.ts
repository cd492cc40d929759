import { Input } from "../stage/_input.ts";
import { output } from "../stage/_output.ts";
import { readSaved } from "../stage/_saved.ts";
import type { Position } from "../stage/position.ts";

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
 *   readIndexed({ length: 2, get: (index) => index }),
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
    const memory: Memory<T> = {};
    return output([source], (tracked, from) => {
      const saved = readSaved("cache", from);
      const place = { index: saved?.count("index") ?? 0 };
      const input = new Input(source, tracked, saved?.part("source"));
      // The position of the source's beginning: it tells whether a position is one of this pipeline.
      const beginning: Position | undefined = tracked ? input.position() : undefined;
      return {
        outputs: cached(input, memory, place),
        inputs: [input],
        position: () => ({ stage: "cache", index: place.index, source: beginning! }),
      };
    });
  };
}

interface Memory<T> {
  items?: readonly T[];
}

async function* cached<T>(
  input: Input<T>,
  memory: Memory<T>,
  place: { index: number },
): AsyncGenerator<T, void, undefined> {
  if (!memory.items) {
    const items: T[] = [];
    for await (const item of input) {
      if (items.push(item) <= place.index) continue;
      place.index++;
      yield item;
    }
    memory.items ??= items;
  }
  while (place.index < memory.items.length) yield memory.items[place.index++];
}
