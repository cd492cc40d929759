/**
 * A random order of items that is calculated, not stored: any position of any epoch at no cost.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { hash, mixBits, pickBelow } from "./_hash.ts";
import { PURPOSES } from "./_purposes.ts";

/** Options of {@linkcode indexPermutation}. */
export interface IndexPermutationOptions {
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
 * Makes a random order of `length` items that is calculated, not stored: a function from a position to the index of the
 * item there, in which every index from 0 to `length - 1` comes once. It takes the same memory for any length, and an
 * epoch can be entered at any position at no cost.
 *
 * This is the swap-or-not shuffle of Hoang, Morris and Rogaway, "An Enciphering Scheme Based on a Card Shuffle" (CRYPTO
 * 2012), which works on any length as it is: each round pairs the index `x` with `pivot - x` and changes from the one
 * to the other where a hash of the pair says so. The hash is fast and not cryptographic: the order is for training, not
 * for secrets.
 *
 * The order for a seed, an epoch and a length is part of this function's contract: it stays the same in every version.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { indexPermutation } from "@rill/rill/pipelines";
 *
 * const order = indexPermutation(5, { seed: 1, epoch: 0 });
 * assertEquals([0, 1, 2, 3, 4].map(order).sort(), [0, 1, 2, 3, 4]);
 * ```
 *
 * @param length How many items there are, up to 4294967295.
 * @param options The seed and the epoch, which decide the order.
 * @returns The function from a position to an index. It throws a {@linkcode RangeError} for a position that is not an
 * integer from 0 to `length - 1`.
 * @throws {RangeError} When `length`, `seed` or `epoch` is not an integer in its range.
 */
export function indexPermutation(
  length: number,
  { seed, epoch = 0 }: IndexPermutationOptions,
): (position: number) => number {
  checkInteger(`permute ${length} indices`, "length", length, { max: 2 ** 32 - 1 });
  checkInteger(`permute indices by seed ${seed}`, "seed", seed);
  checkInteger(`permute indices for epoch ${epoch}`, "epoch", epoch);
  // After r rounds an index has stayed where it was with a chance of 2^-r; that is to be small beside 1 / length.
  const rounds = 16 + Math.ceil(Math.log2(Math.max(length, 1)));
  const drawBits = (n: number): number => hash(PURPOSES.indexPermutation, seed, epoch, n);
  const pivots = Uint32Array.from({ length: rounds }, (_, r) => pickBelow(length, drawBits(2 * r)));
  const keys = Int32Array.from({ length: rounds }, (_, r) => drawBits(2 * r + 1));
  return (position) => {
    if (!(Number.isInteger(position) && position >= 0 && position < length)) {
      throw new RangeError(
        `Cannot find the item at position ${position}: there are ${length} positions, from 0`,
      );
    }
    let index = position;
    for (let r = 0; r < rounds; r++) {
      const difference = pivots[r]! - index;
      const partner = difference < 0 ? difference + length : difference;
      if (mixBits(Math.max(index, partner) ^ keys[r]!) < 0) index = partner;
    }
    return index;
  };
}
