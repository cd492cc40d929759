/**
 * An indexed source in a random order with its labels evenly spread.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { reorder } from "./_reorder.ts";
import { orderStratified } from "./_order_stratified.ts";
import type { IndexedSource } from "./indexed_source.ts";

export type { IndexedSource } from "./indexed_source.ts";

/** Options of {@linkcode stratifyIndexed}. */
export interface StratifyIndexedOptions {
  /** The label of each item: a number, a string or whatever tells one class from another. */
  readonly labels: ArrayLike<unknown>;
  /** The seed, an integer of at least 0. */
  readonly seed: number;
  /**
   * The epoch, an integer of at least 0. Each has an order of its own.
   *
   * @default {0}
   */
  readonly epoch?: number;
}

/**
 * Puts an indexed source in a random order in which the labels are evenly spread: each batch has them nearly in the proportions
 * of the whole. Every item comes once. It keeps an index for each item.
 *
 * The order for a seed, an epoch and a list of labels is part of the contract: it stays the same in every version.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, readIndexed, stratifyIndexed, window } from "@rill/rill/pipelines";
 *
 * const labels = [..."aaaaaabbb"];
 * const letters = { length: 9, get: (index: number) => labels[index] };
 * const mixed = pipe(letters, stratifyIndexed({ labels, seed: 1, epoch: 0 }), readIndexed());
 * const batches = await collect(window(3)(mixed));
 * assertEquals(batches.map((batch) => batch.sort().join("")), ["aab", "aab", "aab"]);
 * ```
 *
 * @param options What is to be evenly spread, and what decides the order.
 * @returns A function from a source of up to 4294967295 items to the source in that order.
 * @throws {RangeError} When there is not one label for each item, or `seed` or `epoch` is not an integer of at least 0.
 */
export function stratifyIndexed(
  { labels, seed, epoch = 0 }: StratifyIndexedOptions,
): <T>(source: IndexedSource<T>) => IndexedSource<T> {
  checkInteger(`stratify by seed ${seed}`, "seed", seed);
  checkInteger(`stratify for epoch ${epoch}`, "epoch", epoch);
  return (source) => {
    if (labels.length !== source.length) {
      throw new RangeError(`Cannot stratify ${source.length} items by ${labels.length} labels`);
    }
    const order = orderStratified(labels, { seed, epoch });
    return reorder(source, order.length, (position) => order[position]!);
  };
}
