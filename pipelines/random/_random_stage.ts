import type { Allocate } from "../stage/allocate.ts";
import { advanceRandom, carryRandom, findRandom } from "../stage/_random.ts";
import type { Stage } from "../stage/stage.ts";
import { stageOf } from "../stage/stage_of.ts";
import type { Draws, DrawsOf } from "./_draws.ts";

/** The description of a stage that makes one output of each item and of random numbers. */
export interface DrawingStage<I, O> {
  /** The name in positions, and in errors the verb. */
  readonly name: string;
  /** Makes the output of an item by the draws for it. */
  readonly each: (item: I, draws: Draws, allocate: Allocate) => O | PromiseLike<O>;
  /** Whether it never gives on an array of bytes that is in the item, unless it gives the item itself. */
  readonly copies?: boolean;
}

/**
 * Makes a random stage: one that counts among those of its pipeline.
 *
 * @throws {RangeError} When it is used where there is no seed.
 */
export const makeRandomStage = <I, O>(
  drawsOf: DrawsOf,
  { name, each, copies = false }: DrawingStage<I, O>,
): Stage<I, O> =>
(source) => {
  const drawsFor = drawsOf(source);
  const random = findRandom(source);
  const outputs = stageOf<I, O>({
    name,
    copies,
    each: (item, index, allocate) => each(item, drawsFor(index), allocate),
  })(source);
  return carryRandom(outputs, random && advanceRandom(random, () => 1));
};
