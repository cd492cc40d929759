import { checkWhole } from "./_check_whole.ts";
import { close, closing } from "./_closing.ts";

/**
 * Gives the first `count` items and closes its source, without having pulled one more. Holds one item.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, take } from "@rill/rill/pipelines";
 *
 * const firstTwo = take(2)(ReadableStream.from(["a", "b", "c"]));
 * assertEquals(await collect(firstTwo), ["a", "b"]);
 * ```
 *
 * @param count How many items to give; `Infinity` for all.
 * @returns The stage.
 * @throws {RangeError} When `count` is neither `Infinity` nor a whole number of at least 0.
 */
export function take(count: number): <T>(source: AsyncIterable<T>) => AsyncIterable<T> {
  if (count !== Infinity) checkWhole(`take ${count} items`, "count", count);
  return (source) => closing(taken(source, count), source);
}

async function* taken<T>(
  source: AsyncIterable<T>,
  count: number,
): AsyncGenerator<T, void, undefined> {
  if (count === 0) return close(source);
  let given = 0;
  for await (const item of source) {
    yield item;
    if (++given === count) return;
  }
}
