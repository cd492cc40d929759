/**
 * Epochs of a source.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { Input } from "../stage/_input.ts";
import { makeIterable } from "../stage/_iterable.ts";
import type { Position } from "../stage/position.ts";
import { andThen, END, type Pulled } from "../stage/_pull.ts";

/**
 * Gives a source's items again and again, epoch after epoch. The source is one that can be iterated anew, or a function
 * that makes that of an epoch, which may so have an order and random numbers of its own. Holds one item.
 *
 * An epoch that gives nothing is the last, as an endless repetition of it would never come to an end.
 *
 * @example An order for each epoch
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, readIndexed, repeat } from "@rill/rill/pipelines";
 *
 * const source = { length: 3, get: (index: number) => "abc"[index] };
 * const items = await collect(pipe(
 *   (epoch: number) => readIndexed({ seed: 1, epoch })(source),
 *   repeat(2),
 * ));
 * assertEquals(items.toSorted(), ["a", "a", "b", "b", "c", "c"]);
 * ```
 *
 * @example The same again
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cache, collect, repeat } from "@rill/rill/pipelines";
 *
 * const stream = ReadableStream.from(["a", "b"]); // Can be iterated once.
 * assertEquals(await collect(repeat(2)(cache()(stream))), ["a", "b", "a", "b"]);
 * ```
 *
 * @param count How many epochs, or `Infinity`.
 * @returns The stage. It fails with a `TypeError` when a source gives nothing the second time, as a stream that can be
 * iterated only once does.
 * @throws {RangeError} When `count` is neither `Infinity` nor an integer of at least 0.
 */
export function repeat(
  count: number,
): <T>(source: AsyncIterable<T> | ((epoch: number) => AsyncIterable<T>)) => AsyncIterable<T> {
  if (count !== Infinity) checkInteger(`repeat ${count} times`, "count", count);
  return <T>(source: AsyncIterable<T> | ((epoch: number) => AsyncIterable<T>)) => {
    const same = typeof source === "function" ? undefined : source;
    const sourceOfEpoch = typeof source === "function" ? source : () => source;
    return makeIterable({
      name: "repeat",
      state: { epoch: 0, index: 0 },
      sources: same ? [same] : [],
      begin: ({ state, saved, tracked }) => {
        const open = (part?: Position) => new Input(sourceOfEpoch(state.epoch), tracked, part);
        // The source of an epoch is asked for when that begins, unless its position will be.
        let input = same || tracked ? open(saved?.part("source")) : undefined;
        const pull = (): Pulled<T> | Promise<Pulled<T>> =>
          state.epoch >= count ? END : andThen((input ??= open()).pull(), give);
        const give = (pulled: Pulled<T>): Pulled<T> | Promise<Pulled<T>> => {
          if (!pulled.done) {
            state.index++;
            return pulled;
          }
          if (state.index === 0) {
            if (!same || state.epoch === 0) return END;
            throw new TypeError(
              "Cannot repeat the source: it gave nothing the second time, as a stream does that can be iterated only once. " +
                "Give a function that makes it anew, or cache() it",
            );
          }
          if (state.epoch + 1 >= count) return END;
          state.epoch++;
          state.index = 0;
          input = open();
          return pull();
        };
        return {
          outputs: pull,
          get inputs() {
            return input ? [input] : [];
          },
          source: () => input!.position()!,
        };
      },
    });
  };
}
