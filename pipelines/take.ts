import { checkWhole } from "./_check_whole.ts";
import type { Input } from "./_input.ts";
import { counted, type Place } from "./_output.ts";

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
  return <T>(source: AsyncIterable<T>) =>
    counted("take", source, (input: Input<T>, place) => taken(input, place, count));
}

async function* taken<T>(
  input: Input<T>,
  place: Place,
  count: number,
): AsyncGenerator<T, void, undefined> {
  if (place.index >= count) return input.close();
  for await (const item of input) {
    place.index++;
    yield item;
    if (place.index >= count) return;
  }
}
