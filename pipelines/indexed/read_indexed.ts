/**
 * An indexed source read once, in its order or a random one.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { readItems } from "./_read_items.ts";
import { carrySeed } from "../stage/_random.ts";
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
   * The seed of the order, an integer of at least 0.
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
   * The position in the order to start at. Nothing before it is read.
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
 * assertEquals(await collect(readIndexed(source, { from: 4 })), ["e", "f"]);
 *
 * // An epoch in random order, and the rest of it after an interruption.
 * const epoch = await collect(readIndexed(source, { seed: 1, epoch: 3 }));
 * assertEquals(await collect(readIndexed(source, { seed: 1, epoch: 3, from: 2 })), epoch.slice(2));
 * ```
 *
 * @typeParam T The type of the items.
 * @param source The source.
 * @param options In which order to read, and what part of it.
 * @returns The items. An error of `source.get` fails them as a {@linkcode StageError}, whose position is that in the
 * order.
 * @throws {RangeError} When `seed` or `epoch` is not an integer of at least 0, or `from` and `to` do not bound a part
 * of the source.
 */
export function readIndexed<T>(
  source: IndexedSource<T>,
  { seed, epoch, shuffle = seed !== undefined, from = 0, to = source.length }: ReadIndexedOptions =
    {},
): AsyncIterable<T> {
  const part = `read items ${from} to ${to} of ${source.length}`;
  checkInteger(part, "end", to, { max: source.length });
  checkInteger(part, "start", from, { max: to });
  const shuffled = { seed: seed ?? 0, epoch: epoch ?? 0 };
  const facts = { length: source.length, ...shuffle ? shuffled : { seed: null } };
  const order = shuffle
    ? indexPermutation(source.length, shuffled)
    : (position: number) => position;
  const items = sourceOf({
    name: "read",
    facts,
    state: { index: from },
    limits: { index: source.length },
    begin: ({ state }: SourceRun<never, { index: number }>): Outputs<T> =>
      readItems(source, () => order, state, { epochs: 1, to }),
  });
  return seed === undefined ? items : carrySeed(items, seed, shuffled.epoch);
}
