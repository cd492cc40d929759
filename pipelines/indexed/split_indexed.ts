/**
 * An indexed source in two parts, such as one to train on and one to validate with.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { reorder } from "./_reorder.ts";
import { orderStratified } from "./_order_stratified.ts";
import { indexPermutation } from "../random/index_permutation.ts";
import type { IndexedSource } from "./indexed_source.ts";

export type { IndexedSource } from "./indexed_source.ts";

/** Options of {@linkcode splitIndexed}. */
export interface SplitIndexedOptions {
  /** How large the first part is, from 0 to 1; rounded to whole items. */
  readonly fraction: number;
  /** The seed of the choice, an integer of at least 0. Without it the first items are the first part. */
  readonly seed?: number;
  /** The label of each item, where both parts are to have the labels in the proportions of the whole. */
  readonly labels?: ArrayLike<unknown>;
}

/**
 * Splits an indexed source in two, such as one to train on and one to validate with. Every item is in one of them. It
 * takes no memory, but an index for each item where there are labels.
 *
 * Which items are in which part, and in which order, is part of the contract for a seed: it stays the same in every version.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, readIndexed, splitIndexed } from "@rill/rill/pipelines";
 *
 * const letters = { length: 10, get: (index: number) => "abcdefghij"[index] };
 * const [train, validation] = pipe(letters, splitIndexed({ fraction: 0.8, seed: 1 }));
 * assertEquals([train.length, validation.length], [8, 2]);
 * const all = [...await collect(readIndexed()(train)), ...await collect(readIndexed()(validation))];
 * assertEquals(all.sort(), [..."abcdefghij"]);
 * ```
 *
 * @param options How to split it.
 * @returns A function from a source of up to 4294967295 items to its two parts.
 * @throws {RangeError} When `fraction` is not a number from 0 to 1, `seed` not an integer of at least 0, or there is
 * not one label for each item.
 */
export function splitIndexed(
  { fraction, seed, labels }: SplitIndexedOptions,
): <T>(source: IndexedSource<T>) => readonly [IndexedSource<T>, IndexedSource<T>] {
  if (!(fraction >= 0 && fraction <= 1)) {
    throw new RangeError(
      `Cannot split by the fraction ${fraction}: it must be a number from 0 to 1`,
    );
  }
  if (seed !== undefined) checkInteger(`split by seed ${seed}`, "seed", seed);
  return (source) => {
    const { length } = source;
    if (labels && labels.length !== length) {
      throw new RangeError(`Cannot split ${length} items by ${labels.length} labels`);
    }
    const first = Math.round(fraction * length);
    const indexOf = orderOf(length, seed, labels);
    return [
      reorder(source, first, indexOf),
      reorder(source, length - first, (position) => indexOf(first + position)),
    ];
  };
}

function orderOf(
  length: number,
  seed: number | undefined,
  labels: ArrayLike<unknown> | undefined,
): (position: number) => number {
  if (labels) {
    const order = orderStratified(labels, seed === undefined ? undefined : { seed, epoch: 0 });
    return (position) => order[position]!;
  }
  return seed === undefined ? (position) => position : indexPermutation(length, { seed });
}
