/**
 * The seed and the epoch that a stage's random numbers come from. They are a function of the seed, the epoch, the
 * item's position in what the stage is given, and the kind of stage: the same stage does the same to the same item
 * every time, and this is part of its contract, which stays the same in every version. Stages of two kinds draw
 * independently from one seed; two stages of one kind need two seeds.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, flipHorizontal, type RandomOptions } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(1, 2), height: 1, width: 2, channels: 1 };
 * const examples = Array.from({ length: 20 }, (_, label): Example => ({ image, label }));
 * const flipped = (options: RandomOptions) =>
 *   collect(flipHorizontal(options)(ReadableStream.from(examples)));
 *
 * const first = await flipped({ seed: 1, epoch: 0 });
 * assertEquals(await flipped({ seed: 1, epoch: 0 }), first);
 * ```
 */
export interface RandomOptions {
  /** The seed, an integer of at least 0. */
  readonly seed: number;
  /**
   * The epoch, an integer of at least 0. Each has random numbers of its own. A stage that one stream of several epochs
   * goes through needs none, as the positions go on.
   *
   * @default {0}
   */
  readonly epoch?: number;
}
