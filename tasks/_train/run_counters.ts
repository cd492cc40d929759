import type { Metrics } from "../../models/mod.ts";

/** The sums over the part of an epoch that is done. */
export interface EpochSums {
  /** The sum of the batches' mean cross-entropies: the chapter's `train_l_sum`. */
  readonly batchLosses: number;
  /** The sum of the images' cross-entropies. */
  readonly losses: number;
  readonly correct: number;
  readonly images: number;
  readonly seconds: number;
}

/** The counters of a run: a small JSON value with which it resumes exactly where it was. */
export interface RunCounters {
  /** The epoch under way, from 0. */
  readonly epoch: number;
  /** The number of its images that have been trained on. */
  readonly index: number;
  /** The number of steps made in all. */
  readonly step: number;
  readonly sums: EpochSums;
  /** The best test accuracy of the epochs done. */
  readonly bestAccuracy: number | null;
  /** The time that the run has taken. */
  readonly seconds: number;
}

/** The sums at the beginning of an epoch. */
export const emptySums: EpochSums = {
  batchLosses: 0,
  losses: 0,
  correct: 0,
  images: 0,
  seconds: 0,
};

/** The counters before the first step. */
export const initialCounters: RunCounters = {
  epoch: 0,
  index: 0,
  step: 0,
  sums: emptySums,
  bestAccuracy: null,
  seconds: 0,
};

/** Counts a step. */
export function addStep(
  counters: RunCounters,
  { step, size, loss, accuracy }: Metrics,
): RunCounters {
  const { sums } = counters;
  return {
    ...counters,
    step,
    index: counters.index + size,
    sums: {
      ...sums,
      batchLosses: sums.batchLosses + loss,
      losses: sums.losses + loss * size,
      correct: sums.correct + Math.round(accuracy * size),
      images: sums.images + size,
    },
  };
}

/** Counts seconds of the epoch under way. */
export const addSeconds = (counters: RunCounters, seconds: number): RunCounters => ({
  ...counters,
  sums: { ...counters.sums, seconds: counters.sums.seconds + seconds },
});

/**
 * Formats the chapter's line after an epoch. Its loss is what the chapter's code prints: the sum of the batches' mean
 * cross-entropies over the number of images, so the mean cross-entropy over the batch size.
 */
export function formatEpoch(epoch: number, sums: EpochSums, testAccuracy: number): string {
  return `epoch ${epoch}, ${formatSums(sums)}, test acc ${testAccuracy.toFixed(3)}, ` +
    `time ${sums.seconds.toFixed(1)} sec`;
}

/** Formats the results of an epoch's training steps as in its line. */
export const formatSums = ({ batchLosses, correct, images }: EpochSums): string =>
  `loss ${(batchLosses / images).toFixed(4)}, train acc ${(correct / images).toFixed(3)}`;
