import { checkInteger } from "../_arguments/check_integer.ts";
import type { Input } from "../stage/_input.ts";
import { counted, type Place } from "../stage/_output.ts";
import type { Pull, Result } from "../stage/_pull.ts";
import { search } from "../stage/_search.ts";

/**
 * Drops the first `count` items and gives the others. Holds one item. Where the source can start anywhere, as
 * {@linkcode readIndexed} can, that is cheaper.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, skip } from "@rill/rill/pipelines";
 *
 * const rest = skip(2)(ReadableStream.from(["a", "b", "c"]));
 * assertEquals(await collect(rest), ["c"]);
 * ```
 *
 * @param count How many items to drop.
 * @returns The stage.
 * @throws {RangeError} When `count` is not an integer of at least 0.
 */
export function skip(count: number): <T>(source: AsyncIterable<T>) => AsyncIterable<T> {
  checkInteger(`skip ${count} items`, "count", count);
  return <T>(source: AsyncIterable<T>) =>
    counted("skip", source, (input: Input<T>, place) => rest(input, place, count));
}

function rest<T>(input: Input<T>, place: Place, count: number): Pull<T> {
  const isOfRest = (result: Result<T>): boolean => result.done || place.index++ >= count;
  return () => search(() => input.pull(), isOfRest);
}
