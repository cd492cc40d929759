import { checkWhole } from "./_check_whole.ts";
import type { Input } from "./_input.ts";
import { counted, type Place } from "./_output.ts";
import { END, type Pull, type Result } from "./_pull.ts";
import { andThen } from "./_settle.ts";

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

function taken<T>(input: Input<T>, place: Place, count: number): Pull<T> {
  const give = (result: Result<T>): Result<T> => {
    if (!result.done) place.index++;
    return result;
  };
  return () => place.index < count ? andThen(input.pull(), give) : END;
}
