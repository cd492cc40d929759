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
export interface RunProgress {
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
export const noSums: EpochSums = { batchLosses: 0, losses: 0, correct: 0, images: 0, seconds: 0 };

/** A run before its first step. */
export const startOfRun: RunProgress = {
  epoch: 0,
  index: 0,
  step: 0,
  sums: noSums,
  bestAccuracy: null,
  seconds: 0,
};

/** Where a run stands after one step more. */
export function addStep(
  progress: RunProgress,
  { step, size, loss, accuracy }: Metrics,
): RunProgress {
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
export const addSeconds = (progress: RunProgress, seconds: number): RunProgress => ({
  ...progress,
  sums: { ...progress.sums, seconds: progress.sums.seconds + seconds },
});
