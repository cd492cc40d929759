import type { Metrics } from "../../models/mod.ts";

/** What an epoch has added up so far. */
export interface EpochSums {
  /** The sum of the batches' mean cross-entropies: the chapter's `train_l_sum`. */
  readonly batchLosses: number;
  /** The sum of the images' cross-entropies. */
  readonly losses: number;
  readonly correct: number;
  readonly images: number;
  readonly seconds: number;
}

/** Where a run stands: a small JSON value from which it goes on exactly there. */
export interface RunCounters {
  /** The epoch under way, from 0. */
  readonly epoch: number;
  /** How many images of it have been trained on. */
  readonly index: number;
  /** How many steps were made in all. */
  readonly step: number;
  readonly sums: EpochSums;
  /** The best test accuracy of the epochs done. */
  readonly bestAccuracy: number | null;
  /** How long the run has taken. */
  readonly seconds: number;
}

/** Nothing added up yet. */
export const emptySums: EpochSums = {
  batchLosses: 0,
  losses: 0,
  correct: 0,
  images: 0,
  seconds: 0,
};

/** A run before its first step. */
export const initialCounters: RunCounters = {
  epoch: 0,
  index: 0,
  step: 0,
  sums: emptySums,
  bestAccuracy: null,
  seconds: 0,
};

/** Where a run stands after one step more. */
export function addStep(
  progress: RunCounters,
  { step, size, loss, accuracy }: Metrics,
): RunCounters {
  const { sums } = progress;
  return {
    ...progress,
    step,
    index: progress.index + size,
    sums: {
      ...sums,
      batchLosses: sums.batchLosses + loss,
      losses: sums.losses + loss * size,
      correct: sums.correct + Math.round(accuracy * size),
      images: sums.images + size,
    },
  };
}

/** Where a run stands after so many seconds more. */
export const addSeconds = (progress: RunCounters, seconds: number): RunCounters => ({
  ...progress,
  sums: { ...progress.sums, seconds: progress.sums.seconds + seconds },
});

/**
 * The chapter's line after an epoch. Its loss is what the chapter's code prints: the sum of the batches' mean
 * cross-entropies over the number of images, so the mean cross-entropy over the batch size.
 */
export function formatEpoch(epoch: number, sums: EpochSums, testAccuracy: number): string {
  return `epoch ${epoch}, ${formatSums(sums)}, test acc ${testAccuracy.toFixed(3)}, ` +
    `time ${sums.seconds.toFixed(1)} sec`;
}

/** What the training steps of an epoch gave, as in its line. */
export const formatSums = ({ batchLosses, correct, images }: EpochSums): string =>
  `loss ${(batchLosses / images).toFixed(4)}, train acc ${(correct / images).toFixed(3)}`;
