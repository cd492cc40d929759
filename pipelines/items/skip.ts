/**
 * A stream without its first items.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { type Pull, type Pulled, pullUntil } from "../stage/_pull.ts";
import { stageOf, type StageRun } from "../stage/stage_of.ts";

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
    stageOf({
      name: "skip",
      state: { index: 0 },
      begin({ input, state }: StageRun<T>): Pull<T> {
        const pull = () => input.pull();
        const isOfRest = (result: Pulled<T>) => result.done || state.index++ >= count;
        return () => pullUntil(pull, isOfRest);
      },
    })(source);
}
