/**
 * A random choice among stages, for each item.
 *
 * @module
 */

import {
  findPerItem,
  type FoundPerItem,
  isPerItem,
  markPerItem,
  type Work,
} from "../stage/_per_item.ts";
import { advanceRandom, carryRandom, findRandom } from "../stage/_random.ts";
import { findStart } from "../stage/_start.ts";
import { workItems } from "../stage/_work_items.ts";
import type { Stage } from "../stage/stage.ts";
import { type Draws, seedDraws } from "./_draws.ts";
import type { RandomOptions } from "./random_options.ts";

export type { RandomOptions } from "./random_options.ts";
export type { Stage } from "../stage/stage.ts";
export { StageError } from "../stage/stage_error.ts";

/** Options of {@linkcode chooseStage}. */
export interface ChooseStageOptions extends RandomOptions {
  /**
   * How often each stage is chosen, in proportion to the others: a number of at least 0 for each, not all of them 0.
   *
   * @default {1 for each}
   */
  readonly weights?: readonly number[];
}

/**
 * Gives each item to one of several stages, chosen at random, as torchvision's `RandomChoice` and, with a stage that does
 * nothing, `RandomApply` do. The stages make one output of each item by themselves, as `map`, `flipHorizontal` and `mixup`
 * do, also several of them in `flow`; the index of an item for them is that here. For the seed of the pipeline they come one
 * behind the other, all of them behind the choice. Holds what one of the stages holds.
 *
 * @example Mixup and CutMix, batch by batch, as often
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { batch, chooseStage, collect, cutMix, type Example, mixup } from "@rill/rill/pipelines";
 * import { withSeed } from "@rill/rill/pipelines";
 *
 * const image = { data: new Uint8Array(64), height: 8, width: 8, channels: 1 };
 * const examples = Array.from({ length: 20 }, (_, label): Example => ({ image, label }));
 * const batches = await pipe(
 *   ReadableStream.from(examples),
 *   withSeed({ seed: 1 }),
 *   batch(4),
 *   chooseStage([mixup({ alpha: 0.2 }), cutMix()]),
 *   collect,
 * );
 * assertEquals(batches.length, 5);
 * ```
 *
 * @example A change of one item in three
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { chooseStage, collect, map } from "@rill/rill/pipelines";
 *
 * const negate = map((n: number) => -n);
 * const some = chooseStage([negate, (source) => source], { weights: [1, 2], seed: 0 });
 * const items = await collect(some(ReadableStream.from([1, 2, 3, 4, 5, 6])));
 * assertEquals(items.map(Math.abs), [1, 2, 3, 4, 5, 6]);
 * ```
 *
 * @typeParam I The type of the items that go in.
 * @typeParam O The type of the items that come out.
 * @param stages The stages, at least one.
 * @param options How often each is chosen, and the seed where it is not the pipeline's.
 * @returns The stage. The errors of the stages are their own.
 * @throws {RangeError} When there is no stage, the weights are not one for each, finite and of at least 0, not all of
 * them 0, or `seed` or `epoch` is not an integer of at least 0.
 * @throws {TypeError} When a stage is not one that makes one output of each item by itself.
 */
export function chooseStage<I, O>(
  stages: readonly Stage<I, O>[],
  { weights = stages.map(() => 1), ...random }: ChooseStageOptions = {},
): Stage<I, O> {
  checkWeights(stages.length, weights);
  if (!stages.every(isPerItem)) throw new TypeError(NOT_PER_ITEM);
  const all = [...stages];
  const choose = makeChoice([...weights]);
  const drawsOf = seedDraws("chooseStage", "choose", random);
  return (source) => {
    const drawsFor = drawsOf(source);
    const carried = findRandom(source);
    let next = carried && advanceRandom(carried, () => 1);
    const parts: FoundPerItem<I, O>[] = [];
    for (const stage of all) {
      const part = findPerItem(stage, next, findStart(source));
      if (!part) throw new TypeError(NOT_PER_ITEM);
      parts.push(part);
      next = part.random;
    }
    const concurrency = Math.max(...parts.map((part) => part.concurrency));
    const begin = (): Work<I, O> => {
      const works = parts.map((part) => part.begin());
      return {
        run: (item, index) => works[choose(drawsFor(index))]!.run(item, index),
        close: () => works.forEach((work) => work.close?.()),
      };
    };
    const outputs = workItems(source, { name: "choose", concurrency, begin });
    return carryRandom(markPerItem(outputs, { source, concurrency, begin }), next);
  };
}

const NOT_PER_ITEM =
  "Cannot choose a stage that doesn't make one output of each item by itself, as map() does";

function checkWeights(count: number, weights: readonly number[]): void {
  const sum = weights.reduce((a, b) => a + b, 0);
  const areGood = weights.every((weight) => weight >= 0) && Number.isFinite(sum) && sum > 0;
  if (count > 0 && weights.length === count && areGood) return;
  throw new RangeError(
    `Cannot choose among ${count} stages by the weights [${weights.join(", ")}]: ` +
      "there must be one for each, finite and of at least 0, not all of them 0",
  );
}

/** Makes a function that draws an index by weights. */
function makeChoice(weights: readonly number[]): (draws: Draws) => number {
  const limits: number[] = [];
  weights.reduce((sum, weight, i) => limits[i] = sum + weight, 0);
  const all = limits.at(-1)!;
  // Of weights of 0 at the end, none is found, as a draw is below 1.
  return (draws) => {
    const at = draws.unit() * all;
    return limits.findIndex((limit) => at < limit);
  };
}
