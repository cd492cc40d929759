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
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, readIndexed, shardIndexed, shuffleIndexed } from "@rill/rill/pipelines";
 *
 * const letters = { length: 6, get: (index: number) => "abcdef"[index] };
 * const shareOf = (worker: number, epoch: number) =>
 *   collect(
 *     pipe(letters, shuffleIndexed({ seed: 1, epoch }), shardIndexed(worker, 2), readIndexed()),
 *   );
 * assertEquals([...await shareOf(0, 7), ...await shareOf(1, 7)].sort(), [..."abcdef"]);
 * ```
 *
 * @param options What decides the order.
 * @returns A function from a source of up to 4294967295 items to the source in that order.
 * @throws {RangeError} When the length, `seed` or `epoch` is not an integer in its range.
 */
export function shuffleIndexed(
  options: IndexPermutationOptions,
): <T>(source: IndexedSource<T>) => IndexedSource<T> {
  indexPermutation(0, options); // Refuses an invalid seed or epoch.
  return (source) => reorder(source, source.length, indexPermutation(source.length, options));
}
