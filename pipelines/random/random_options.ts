/**
 * The seed and the epoch that a stage's random numbers come from: those of the pipeline, or its own.
 *
 * A source that is read with a seed, and {@linkcode withSeed}, give one to all random stages behind them. Each that has
 * none of its own draws by the pipeline's seed and epoch, its place among the pipeline's random stages, its kind, and
 * the item's position in what it is given; stages that are not random, such as `map`, `batch` and `prefetch`, don't count.
 * The positions are those in the epoch, also where {@linkcode readIndexed} begins in its middle; where a stage between gives more
 * or fewer items than it gets, they aren't known then, and the stage throws a `RangeError` when it is used.
 * Where there is no seed, or it was lost in a web stream or by joining sources of different seeds, the stage throws a
 * `RangeError` when it is used.
 *
 * A stage with a seed of its own draws by that and by all of these but the place: stages of two kinds draw
 * independently from one seed, two stages of one kind need two seeds.
 *
 * Either way a stage does the same to the same item every time, and this is part of its contract, which stays the same in
 * every version.
 *
 * @example The seed of the pipeline
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, flipHorizontal, randomCrop } from "@rill/rill/pipelines";
 * import { type RandomOptions, withSeed } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(1, 2), height: 1, width: 2, channels: 1 };
 * const examples = Array.from({ length: 20 }, (_, label): Example => ({ image, label }));
 * const augmented = (random: RandomOptions & { seed: number }) =>
 *   pipe(
 *     ReadableStream.from(examples),
 *     withSeed(random),
 *     flipHorizontal(),
 *     randomCrop({ height: 1, width: 2, padding: 1 }),
 *     collect,
 *   );
 *
 * const first = await augmented({ seed: 1, epoch: 0 });
 * assertEquals(await augmented({ seed: 1, epoch: 0 }), first);
 * ```
 */
export interface RandomOptions {
  /**
   * The seed, an integer of at least 0.
   *
   * @default {that of the pipeline}
   */
  readonly seed?: number;
  /**
   * The epoch, an integer of at least 0, which is given with a seed only. Each has random numbers of its own. A stage that
   * one stream of several epochs goes through needs none, as the positions go on.
   *
   * @default {0, or with the pipeline's seed its epoch}
   */
  readonly epoch?: number;
}
