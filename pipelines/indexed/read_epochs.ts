/**
 * An indexed source read epoch after epoch, each in its own order.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { readItems } from "./_read_items.ts";
import { carrySeed } from "../stage/_random.ts";
import { carryStart } from "../stage/_start.ts";
import { indexPermutation } from "../random/index_permutation.ts";
import type { IndexedSource } from "./indexed_source.ts";
import { type Outputs, sourceOf, type SourceRun } from "../stage/stage_of.ts";

export { StageError } from "../stage/stage_error.ts";
export type { IndexedSource } from "./indexed_source.ts";

/** Options of {@linkcode readEpochs}. */
export interface ReadEpochsOptions {
  /**
   * How many epochs to read: an integer of at least 0, or `Infinity`.
   *
   * @default {Infinity}
   */
  readonly epochs?: number;
  /**
   * Whether the items come in a random order, another in each epoch, not in that of their indices.
   *
   * @default {true where a seed is given}
   */
  readonly shuffle?: boolean;
  /**
   * The seed of the orders, an integer of at least 0. Random stages behind that have no seed of their own draw by it,
   * also where the order is that of the indices.
   *
   * @default {0}
   */
  readonly seed?: number;
  /**
   * The epoch, and the position in its order, to start at. Nothing before it is read. Behind an index the stages count the
   * items as from the beginning of that epoch on, as they do behind {@linkcode ReadIndexedOptions.from | readIndexed}; a stream
   * that began in an epoch before goes on as it was by {@linkcode resumeFrom}.
   *
   * @default {{ epoch: 0, index: 0 }}
   */
  readonly from?: { readonly epoch: number; readonly index: number };
}

/**
 * Reads the items of an indexed source epoch after epoch, shuffled anew for each: in the orders that
 * {@linkcode readIndexed} has for `{ seed, epoch }`. Holds one item, and can be resumed anywhere at no cost.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, readEpochs, readIndexed } from "@rill/rill/pipelines";
 *
 * const source = { length: 4, get: (index: number) => "abcd"[index] };
 * const items = await collect(pipe(source, readEpochs({ seed: 1, epochs: 2 })));
 * assertEquals(items, [
 *   ...await collect(readIndexed({ seed: 1, epoch: 0 })(source)),
 *   ...await collect(readIndexed({ seed: 1, epoch: 1 })(source)),
 * ]);
 * ```
 *
 * @param options In which order to read, how often, and from where.
 * @returns A function from the source to its items. An error of `source.get` fails them as a {@linkcode StageError}, whose position is that in the
 * order of its epoch.
 * @throws {RangeError} When `epochs` is neither `Infinity` nor an integer of at least 0, `seed` not one of at least
 * 0, or `from` is not a position in the source: the last when it is given the source.
 */
export function readEpochs(
  { seed, shuffle = seed !== undefined, epochs = Infinity, from = { epoch: 0, index: 0 } }:
    ReadEpochsOptions = {},
): <T>(source: IndexedSource<T>) => AsyncIterable<T> {
  if (epochs !== Infinity) checkInteger(`read ${epochs} epochs`, "number", epochs);
  checkInteger(`read from epoch ${from.epoch}`, "epoch", from.epoch);
  const makeOrder = (length: number, epoch: number): (position: number) => number =>
    shuffle ? indexPermutation(length, { seed: seed ?? 0, epoch }) : (position) => position;
  makeOrder(0, from.epoch); // Refuses an invalid seed.
  const first = { epoch: from.epoch, index: from.index };
  return <T>(source: IndexedSource<T>): AsyncIterable<T> => {
    const { length } = source;
    checkInteger(`read items ${first.index} to ${length} of ${length}`, "start", first.index, {
      max: length,
    });
    makeOrder(length, first.epoch); // Refuses a length that no order can have.
    const items = carryStart(
      sourceOf({
        name: "read epochs",
        facts: { length, seed: shuffle ? seed ?? 0 : null },
        state: first,
        limits: { index: length },
        begin: ({ state }: SourceRun<never, typeof first>): Outputs<T> =>
          readItems(source, (epoch) => makeOrder(length, epoch), state, { epochs, to: length }),
      }),
      first.index,
    );
    return seed === undefined ? items : carrySeed(items, seed, first.epoch);
  };
}
