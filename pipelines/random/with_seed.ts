/**
 * One seed for all random stages of a pipeline.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { carryShards, findShards } from "../stage/_batch_shards.ts";
import { Input } from "../stage/_input.ts";
import { makeTransparentIterable } from "../stage/_iterable.ts";
import { markPerItem } from "../stage/_per_item.ts";
import { carryRandom, findRandom } from "../stage/_random.ts";
import { carryStart } from "../stage/_start.ts";

/** Options of {@linkcode withSeed}. */
export interface WithSeedOptions {
  /** The seed, an integer of at least 0. */
  readonly seed: number;
  /**
   * The epoch, an integer of at least 0. Each has random numbers of its own.
   *
   * @default {0}
   */
  readonly epoch?: number;
  /**
   * How many items of the epoch come before the first, an integer of at least 0: for a source that begins in the middle of one.
   * The stages behind count on from it, so that random ones draw as in the whole epoch. With it the stage can't be inside of
   * {@linkcode inWorkers} or {@linkcode withRecordPolicy}, but before.
   *
   * @default {what the source says: 0, or the `from` of `readIndexed`}
   */
  readonly from?: number;
}

/**
 * Gives the random stages behind it a seed, by which those that have none of their own draw, each by its place among the
 * random stages of the pipeline: see {@linkcode RandomOptions}. {@linkcode readIndexed} and {@linkcode readEpochs} do
 * so themselves where they are given a seed; this is for all other sources, and behind a web stream. Passes the items on
 * as they are and holds none; positions don't show it.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, flipHorizontal, withSeed } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(1, 2), height: 1, width: 2, channels: 1 };
 * const examples = Array.from({ length: 400 }, (_, label): Example => ({ image, label }));
 * const twice = await pipe(
 *   ReadableStream.from(examples),
 *   withSeed({ seed: 1, epoch: 0 }),
 *   flipHorizontal(), // The two draw independently.
 *   flipHorizontal(),
 *   collect,
 * );
 * const flipped = twice.filter(({ image }) => image.data[0] === 2);
 * assertEquals(flipped.length > 150 && flipped.length < 250, true);
 * ```
 *
 * @param options The seed and the epoch, and where in it the source begins.
 * @returns The stage.
 * @throws {RangeError} When `seed`, `epoch` or `from` is not an integer of at least 0.
 */
export function withSeed(
  { seed, epoch = 0, from }: WithSeedOptions,
): <T>(source: AsyncIterable<T>) => AsyncIterable<T> {
  checkInteger(`draw by seed ${seed}`, "seed", seed);
  checkInteger(`draw for epoch ${epoch}`, "epoch", epoch);
  if (from !== undefined) checkInteger(`draw from item ${from} on`, "number", from);
  return <T>(source: AsyncIterable<T>) => {
    // The random stages before count as well: the seed may be the same.
    const place = findRandom(source)?.place ?? (() => 0);
    const items = carryRandom(passOn(source), { seed, epoch, place });
    // Stages that are done together have one index for all, so that none of them can count in another way.
    if (from !== undefined) {
      const shards = findShards(source);
      return shards?.locate
        ? carryShards(carryStart(items, 0), shards.move(from))
        : carryStart(items, from);
    }
    return markPerItem<T, T>(items, {
      source,
      concurrency: 1,
      begin: () => ({ run: (item) => item }),
    });
  };
}

const passOn = <T>(source: AsyncIterable<T>): AsyncIterable<T> =>
  makeTransparentIterable(source, (tracked, from) => {
    const input = new Input(source, tracked, from);
    return {
      outputs: (allocate) => input.pull(allocate),
      inputs: [input],
      source: () => input.position()!,
    };
  });
