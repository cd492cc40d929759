/**
 * An indexed source read once, in its order or a random one.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { readItems } from "./_read_items.ts";
import { markSelectable } from "../stage/_selectable.ts";
import { carrySeed } from "../stage/_random.ts";
import { carryStart } from "../stage/_start.ts";
import { indexPermutation } from "../random/index_permutation.ts";
import type { IndexedSource } from "./indexed_source.ts";
import { type Outputs, sourceOf, type SourceRun } from "../stage/stage_of.ts";

export { StageError } from "../stage/stage_error.ts";
export type { IndexedSource } from "./indexed_source.ts";

/** Options of {@linkcode readIndexed}. */
export interface ReadIndexedOptions {
  /**
   * Whether the items come in the order of {@linkcode indexPermutation}, not in that of their indices.
   *
   * @default {true where a seed is given}
   */
  readonly shuffle?: boolean;
  /**
   * The seed of the order, an integer of at least 0. Random stages behind that have no seed of their own draw by it,
   * also where the order is that of the indices.
   *
   * @default {0}
   */
  readonly seed?: number;
  /**
   * The epoch, an integer of at least 0. Each has an order of its own.
   *
   * @default {0}
   */
  readonly epoch?: number;
  /**
   * The position in the order to start at. Nothing before it is read. What follows is the rest of the epoch, behind the stages
   * as well: they count the items from here on, so that random ones draw as in the whole. Behind a stage that gives more or
   * fewer items than it gets, as `filter` and `flatMap` do, it isn't known how many come before; a random stage throws a
   * `RangeError` there, unless this is 0. Part of a source that counts as a whole is given by {@linkcode selectIndexed}.
   *
   * @default {0}
   */
  readonly from?: number;
  /**
   * The position in the order to end before.
   *
   * @default {source.length}
   */
  readonly to?: number;
}

/**
 * Reads the items of an indexed source, in their own order or in a random one, from any position on. Each iteration of
 * the result reads anew. Holds one item.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, readIndexed } from "@rill/rill/pipelines";
 *
 * const source = { length: 6, get: (index: number) => "abcdef"[index] };
 * assertEquals(await collect(readIndexed({ from: 4 })(source)), ["e", "f"]);
 *
 * // An epoch in random order, and the rest of it after an interruption.
 * const epoch = await collect(readIndexed({ seed: 1, epoch: 3 })(source));
 * assertEquals(await collect(readIndexed({ seed: 1, epoch: 3, from: 2 })(source)), epoch.slice(2));
 * ```
 *
 * @param options In which order to read, and what part of it.
 * @returns A function from the source to its items. An error of `source.get` fails them as a {@linkcode StageError}, whose position is that in the
 * order.
 * @throws {RangeError} When `seed` or `epoch` is not an integer of at least 0, or `from` and `to` do not bound a part
 * of the source: the last when it is given the source.
 */
export function readIndexed(
  { seed, epoch, shuffle = seed !== undefined, from = 0, to }: ReadIndexedOptions = {},
): <T>(source: IndexedSource<T>) => AsyncIterable<T> {
  const shuffled = { seed: seed ?? 0, epoch: epoch ?? 0 };
  const makeOrder = (length: number): (position: number) => number =>
    shuffle ? indexPermutation(length, shuffled) : (position) => position;
  makeOrder(0); // Refuses an invalid seed or epoch.
  return <T>(source: IndexedSource<T>): AsyncIterable<T> => {
    const { length } = source;
    const end = to ?? length;
    const part = `read items ${from} to ${end} of ${length}`;
    checkInteger(part, "end", end, { max: length });
    checkInteger(part, "start", from, { max: end });
    const order = makeOrder(length);
    const facts = { length, ...shuffle ? shuffled : { seed: null } };
    const withSeed = (items: AsyncIterable<T>) =>
      seed === undefined ? items : carrySeed(items, seed, shuffled.epoch);
    const items = carryStart(
      sourceOf({
        name: "read",
        facts,
        state: { index: from },
        limits: { index: length },
        begin: ({ state }: SourceRun<never, { index: number }>): Outputs<T> =>
          readItems(source, () => order, state, { epochs: 1, to: end }),
      }),
      from,
    );
    return markSelectable(withSeed(items), {
      length: end - from,
      select: (count, placeOf) =>
        withSeed(sourceOf({
          name: "read",
          facts: { ...facts, from },
          state: { index: 0 },
          limits: { index: count },
          begin: ({ state }: SourceRun<never, { index: number }>): Outputs<T> => {
            const locate = (index: number) => from + placeOf(index);
            const orderOf = () => (index: number) => order(locate(index));
            return readItems(source, orderOf, state, { epochs: 1, to: count, locate });
          },
        })),
    });
  };
}
