/**
 * The constructor of stages that draw random numbers, with which those of this library are written.
 *
 * @module
 */

import type { Allocate } from "../stage/allocate.ts";
import type { Stage } from "../stage/stage.ts";
import { seedDraws } from "./_draws.ts";
import { makeRandomStage } from "./_random_stage.ts";
import type { RandomOptions } from "./random_options.ts";

export type { RandomOptions } from "./random_options.ts";
export type { Allocate, TypedArray } from "../stage/allocate.ts";
export type { Stage } from "../stage/stage.ts";
export { StageError } from "../stage/stage_error.ts";

/** The random numbers for one item, one after the other. */
export interface RandomDraws {
  /** Draws a number of at least 0 and below 1, all equally likely. */
  unit(): number;
  /** Draws a number from the first to the second of two, all equally likely. */
  between(range: readonly [low: number, high: number]): number;
  /** Draws an integer from 0 to `bound - 1`, all equally likely. */
  below(bound: number): number;
  /** Draws from the standard normal distribution. */
  normal(): number;
  /** Draws from the beta distribution with both parameters `alpha`, above 0. */
  beta(alpha: number): number;
}

/** The description of a stage that makes one output of each item and of random numbers. */
export interface RandomStageOptions<I, O> extends RandomOptions {
  /** The name in positions, and in errors the verb: `Cannot jitter item 3: …`. */
  readonly name: string;
  /**
   * Makes the output of an item.
   *
   * @param item The item.
   * @param draws The random numbers for it: the same in each run, whatever was drawn for other items.
   * @param allocate Makes the array of the output where this is a new one, or of an object with one.
   * @returns The output, or a promise of it.
   */
  readonly each: (item: I, draws: RandomDraws, allocate: Allocate) => O | PromiseLike<O>;
}

/**
 * Makes a random stage of one's own: as {@linkcode stageOf} with `each`, but with random numbers in place of the index. They
 * come from the seed of the pipeline and the stage's place in it, or from a seed of its own: see {@linkcode RandomOptions}. All
 * stages made by this function are of one kind, so two with seeds of their own need two.
 *
 * As its items are independent, it can also be given a policy for bad records by {@linkcode withRecordPolicy}, be run in
 * threads by {@linkcode inWorkers}, and be chosen by {@linkcode chooseStage}.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, randomStageOf, readIndexed } from "@rill/rill/pipelines";
 *
 * const addNoise = randomStageOf({
 *   name: "add noise to",
 *   each: (n: number, draws) => n + 0.1 * draws.normal(),
 * });
 * const source = { length: 5, get: (index: number) => index };
 * const noisy = () => pipe(source, readIndexed({ seed: 1, shuffle: false }), addNoise, collect);
 * const first = await noisy();
 * assertEquals(first.map(Math.round), [0, 1, 2, 3, 4]);
 * assertEquals(await noisy(), first);
 * ```
 *
 * @typeParam I The type of the items that go in.
 * @typeParam O The type of the items that come out.
 * @param options The stage's name, what it does with an item, and the seed where it is not the pipeline's.
 * @returns The stage. It holds one item. What `each` throws fails the stream as a {@linkcode StageError}. Where there is no
 * seed, or the positions of the items aren't known, it throws a `RangeError` when it is used.
 * @throws {RangeError} When `seed` or `epoch` is not an integer of at least 0.
 */
export function randomStageOf<I, O>(
  { name, each, ...random }: RandomStageOptions<I, O>,
): Stage<I, O> {
  return makeRandomStage(seedDraws("randomStageOf", name, random), { name, each });
}
