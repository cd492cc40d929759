import type { CheckpointEvent, EpochResult } from "./training_event.ts";

/** Which epoch is better than another. Of those with the same number the one with the lowest loss is. */
export interface BestOptions {
  /**
   * The name of the number that is compared: of the loss, or of a metric. It is that of validation; where a training has none, that
   * of the training steps.
   *
   * @default {"loss"}
   */
  readonly metric?: string;
  /** Whether less is better, or more; by default less of a loss, and more of anything else. */
  readonly mode?: "min" | "max";
  /**
   * By how much it must be better at least to count as such.
   *
   * @default {0}
   */
  readonly minDelta?: number;
}

/** What is known of the best epoch of a history. */
export interface Best {
  /** Whether it is the last one. */
  readonly isLast: boolean;
  /** How many epochs that could have been better came after the first with its number. */
  readonly waited: number;
}

/** What tells of epochs: an event that has their results, and whether there is validation at all. */
export interface Judged {
  readonly history: readonly EpochResult<string>[];
  readonly validates: boolean;
}

/**
 * Makes the function that finds the best epoch. Of a small folder many have the same accuracy: a lower loss makes one of those the
 * best, which patience doesn't wait for.
 */
export function findBest(
  action: string,
  { metric = "loss", mode = metric === "loss" ? "min" : "max", minDelta = 0 }: BestOptions,
): (judged: Judged) => Best {
  if (mode !== "min" && mode !== "max") {
    throw new RangeError(`Cannot ${action} with the mode ${mode}: it must be "min" or "max"`);
  }
  if (!(minDelta >= 0 && minDelta < Infinity)) {
    throw new RangeError(
      `Cannot ${action} with a minDelta of ${minDelta}: it must be a number of at least 0`,
    );
  }
  const sign = mode === "min" ? -1 : 1;
  const isBetter = (value: number, best: number) =>
    // A metric of which nothing counts is NaN, and never the best.
    Number.isNaN(best) ? !Number.isNaN(value) : sign * (value - best) > minDelta;
  return ({ history, validates }) => {
    let best = NaN;
    let bestLoss = NaN;
    let isLast = false;
    let waited = 0;
    for (const { training, validation } of history) {
      const means: Readonly<Record<string, number>> | undefined = validates ? validation : training;
      const value = means?.[metric];
      if (means && value === undefined) {
        throw new RangeError(
          `Cannot ${action} by ${metric}: there are ${Object.keys(means).join(", ")}`,
        );
      }
      if (!means || value === undefined) {
        isLast = false;
        continue;
      }
      const { loss = NaN } = means;
      const isNew = isBetter(value, best);
      isLast = isNew || value === best && loss < bestLoss;
      if (isLast) [best, bestLoss] = [value, loss];
      waited = isNew ? 0 : waited + 1;
    }
    return { isLast, waited };
  };
}

/** Makes the function that tells whether a checkpoint is that of an epoch which is better than all before. */
export function findBestCheckpoints(
  options: BestOptions,
): (checkpoint: Pick<CheckpointEvent, "reason" | "position" | "validates">) => boolean {
  const find = findBest("choose the best", options);
  return ({ reason, position: { history }, validates }) =>
    reason === "epoch" && find({ history, validates }).isLast;
}
