import { type Stage, stageOf } from "../../../pipelines/mod.ts";
import { findPerItem } from "../../../pipelines/stage/_per_item.ts";

/** Where in an epoch a stage begins, and by what it draws. */
export interface StageStart {
  readonly seed: number;
  readonly epoch: number;
  /** How many items of the epoch came before the first. */
  readonly from: number;
}

/** Finds what a stage does with each item, counted from the beginning of the epoch; `undefined` if it isn't of that kind. */
export function findRun<I, O>(
  stage: Stage<I, O>,
  { seed, epoch, from }: StageStart,
): ((item: I, index: number) => O | PromiseLike<O>) | undefined {
  // Stages without a seed of their own draw by this one.
  const work = findPerItem(stage, { seed, epoch, place: () => 0 })?.begin();
  return work && ((item, index) => work.run(item, from + index));
}

/** Makes a stage go on in the middle of an epoch, as if it had seen what came before. */
export function runFrom<I, O>(stage: Stage<I, O>, start: StageStart): Stage<I, O> {
  const run = findRun(stage, start);
  if (!run) throw new TypeError("unreachable: the stage makes one output of each item");
  return stageOf({ name: "mix", each: run });
}
