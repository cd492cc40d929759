/**
 * Items drawn from an indexed source by weights.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { extendHash, hash } from "../random/_hash.ts";
import { PURPOSES } from "../random/_purposes.ts";
import { reorder } from "./_reorder.ts";
import type { IndexedSource } from "./indexed_source.ts";

export type { IndexedSource } from "./indexed_source.ts";

/** Options of {@linkcode sampleIndexed}. */
export interface SampleIndexedOptions {
  /** How often each item is drawn, in proportion to the others: a number of at least 0 for each. */
  readonly weights: ArrayLike<number>;
  /** The seed, an integer of at least 0. */
  readonly seed: number;
  /**
   * The epoch, an integer of at least 0. Each has draws of its own.
   *
   * @default {0}
   */
  readonly epoch?: number;
  /**
   * How many items to draw.
   *
   * @default {source.length}
   */
  readonly length?: number;
}

/**
 * Draws items of an indexed source at random, by weights and with replacement: an item may come several times, or never.
 * For classes of unequal size, weights of one over the size of the class make all classes equally likely.
 *
 * The draw at each position is a function of the seed, the epoch and the position alone, and part of the contract: it stays
 * the same in every version. It takes the time of a binary search in the sums of the weights, which are kept.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, readIndexed, repeat, sampleIndexed } from "@rill/rill/pipelines";
 *
 * const letters = { length: 3, get: (index: number) => "abc"[index] };
 * const items = await collect(pipe(
 *   (epoch: number) =>
 *     pipe(letters, sampleIndexed({ weights: [1, 0, 5], seed: 1, epoch }), readIndexed()),
 *   repeat(100),
 * ));
 * assertEquals([...new Set(items)].sort(), ["a", "c"]);
 * ```
 *
 * @param options How likely each item is, and what decides the draws.
 * @returns A function from the source to that of the items drawn.
 * @throws {RangeError} When there is not one finite weight of at least 0 for each item, all are 0 where there is something
 * to draw, or `seed`, `epoch` or `length` is not an integer of at least 0.
 */
export function sampleIndexed(
  { weights, seed, epoch = 0, length }: SampleIndexedOptions,
): <T>(source: IndexedSource<T>) => IndexedSource<T> {
  checkInteger(`sample by seed ${seed}`, "seed", seed);
  checkInteger(`sample for epoch ${epoch}`, "epoch", epoch);
  if (length !== undefined) checkInteger(`sample ${length} items`, "length", length);
  const sums = new Float64Array(weights.length);
  let sum = 0;
  // The last item that can be drawn.
  let last = -1;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    if (!(weight >= 0 && (sum += weight) < Infinity)) {
      throw new RangeError(
        `Cannot sample by the weight ${weight} of item ${i}: ` +
          "weights and their sum must be finite and at least 0",
      );
    }
    if (weight > 0) last = i;
    sums[i] = sum;
  }
  const key = hash(PURPOSES.sampleIndexed, seed, epoch);
  return (source) => {
    if (sums.length !== source.length) {
      throw new RangeError(`Cannot sample ${source.length} items by ${sums.length} weights`);
    }
    const draws = length ?? source.length;
    if (draws > 0 && sum === 0) {
      throw new RangeError(`Cannot sample ${draws} items: no item has a weight above 0`);
    }
    return reorder(source, draws, (position) => {
      const bits = extendHash(key, position);
      const unit = ((bits >>> 0) + (extendHash(bits, 1) >>> 11) / 2 ** 21) / 2 ** 32;
      return findAbove(sums, unit * sum, last);
    });
  };
}

/** Finds the first index whose sum is above `value`, or gives `last`. */
function findAbove(sums: Float64Array, value: number, last: number): number {
  let low = 0;
  let high = last;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sums[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
