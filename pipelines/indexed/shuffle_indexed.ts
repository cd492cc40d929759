/**
 * An indexed source in a random order.
 *
 * @module
 */

import { reorder } from "./_reorder.ts";
import { indexPermutation, type IndexPermutationOptions } from "../random/index_permutation.ts";
import type { IndexedSource } from "./indexed_source.ts";

export type { IndexedSource } from "./indexed_source.ts";

/**
 * Puts an indexed source in a random order, that of {@linkcode indexPermutation}. It takes no memory, whatever the length.
 *
 * {@linkcode readIndexed} shuffles by itself; this is for what comes between, such as giving each worker another share of
 * every epoch.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, readIndexed, shardIndexed, shuffleIndexed } from "@rill/rill/pipelines";
 *
 * const letters = { length: 6, get: (index: number) => "abcdef"[index] };
 * const shareOf = (worker: number, epoch: number) =>
 *   collect(readIndexed(shardIndexed(shuffleIndexed(letters, { seed: 1, epoch }), worker, 2)));
 * assertEquals([...await shareOf(0, 7), ...await shareOf(1, 7)].sort(), [..."abcdef"]);
 * ```
 *
 * @typeParam T The type of the items.
 * @param source The source, of up to 4294967295 items.
 * @param options What decides the order.
 * @returns The source in that order.
 * @throws {RangeError} When the length, `seed` or `epoch` is not an integer in its range.
 */
export function shuffleIndexed<T>(
  source: IndexedSource<T>,
  options: IndexPermutationOptions,
): IndexedSource<T> {
  return reorder(source, source.length, indexPermutation(source.length, options));
}
