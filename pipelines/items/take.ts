/**
 * The first items of a stream.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { andThen, END, type Pull, type Pulled } from "../stage/_pull.ts";
import { stageOf, type StageRun } from "../stage/stage_of.ts";

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
    stageOf({
      name: "take",
      state: { index: 0 },
      itemsPerOutput: 1,
      begin({ input, state }: StageRun<T>): Pull<T> {
        const give = (result: Pulled<T>): Pulled<T> => {
          if (!result.done) state.index++;
          return result;
        };
        return (allocate) => state.index < count ? andThen(input.pull(allocate), give) : END;
      },
    })(source);
}
