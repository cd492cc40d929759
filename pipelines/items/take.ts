import { checkInteger } from "../_arguments/check_integer.ts";
import type { Input } from "../stage/_input.ts";
import { counted, type Place } from "../stage/_output.ts";
import { END, type Pull, type Result } from "../stage/_pull.ts";
import { andThen } from "../stage/_promise.ts";

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
 * @throws {RangeError} When `count` is neither `Infinity` nor an integer of at least 0.
 */
export function take(count: number): <T>(source: AsyncIterable<T>) => AsyncIterable<T> {
  if (count !== Infinity) checkInteger(`take ${count} items`, "count", count);
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
