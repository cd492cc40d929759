/**
 * A pipeline started from a saved position.
 *
 * @module
 */

import { carryShardsFrom } from "./_batch_shards.ts";
import { requireResumable } from "./_input.ts";
import { carryFrom } from "./_random.ts";
import { carryStart } from "./_start.ts";
import type { Position } from "./position.ts";
import type { Resumable } from "./resumable.ts";

export { type Position, PositionError } from "./position.ts";

/**
 * Starts a pipeline at a position that {@linkcode withPosition} gave for it earlier, in another process perhaps. What
 * comes is, byte for byte, what came after that position then: the stages have the counts they had, so the order and all
 * that is random go on as if nothing had been between.
 *
 * It goes behind all stages whose place matters: those behind it count from 0, and random ones refuse to.
 *
 * The pipeline is to be made of the same stages, in the same order and with the same seeds; other batch sizes, depths of
 * {@linkcode prefetch} or numbers of concurrent calls are no matter. Over an indexed source it costs the same wherever it
 * is started; what other stages have to do again is in their own documentation.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { drain, tapEvery, map, type Position, prefetch } from "@rill/rill/pipelines";
 * import { readEpochs, resumeFrom, scan, withPosition } from "@rill/rill/pipelines";
 *
 * // A "model" that is the sum of what it saw. It is saved with the position, as weights would be.
 * let saved: { model: number; position: Position } | undefined;
 * const train = (model: number, item: number) => [model + item, model + item] as const;
 * const dataset = { length: 100, get: (index: number) => index };
 *
 * const run = (epochs: number) =>
 *   pipe(
 *     dataset,
 *     readEpochs({ seed: 1, epochs }),
 *     map((n) => n * 2),
 *     prefetch(3),
 *     scan(train, saved?.model ?? 0),
 *     resumeFrom(saved?.position),
 *     withPosition(),
 *     tapEvery(30, ([model, position]) => saved = { model, position }),
 *     drain,
 *   );
 *
 * await run(1); // Saves after 30, 60 and 90 steps.
 * saved = JSON.parse(JSON.stringify(saved));
 * await run(3); // Goes on after step 90, and saves last at the end of the third epoch.
 * assertEquals(saved?.model, 3 * 99 * 100);
 * ```
 *
 * @param position Where to start. Without one nothing changes.
 * @returns The stage, to be put where the position was taken. It fails with a {@linkcode PositionError} when the position
 * is not one of its source, and throws a `TypeError` when a source in the pipeline is a plain stream, which cannot be
 * started from a position.
 */
export function resumeFrom(
  position: Position | undefined,
): <T>(source: AsyncIterable<T>) => AsyncIterable<T> {
  return <T>(source: AsyncIterable<T>): AsyncIterable<T> => {
    if (position === undefined) return source;
    requireResumable(source);
    const resumed: Resumable<T> = {
      [Symbol.asyncIterator]: () => source.iterateFrom(position),
      iterateFrom: (later = position) => source.iterateFrom(later),
    };
    // A position tells the stages before it how far they are, but not those behind.
    return carryShardsFrom(carryStart(carryFrom(resumed, [source]), NaN), [source], undefined);
  };
}
