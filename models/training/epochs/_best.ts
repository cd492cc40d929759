import type { EpochResult } from "./training_event.ts";

/** Which epoch is better than another. */
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

/** The best of some epochs. */
export interface Best {
  /** The index of the best candidate. */
  readonly found: number;
  /** The numbers that were compared. */
  readonly candidates: readonly number[];
}

/** Makes the function that finds the best epoch of a history: the first of those that are alike. */
export function findBest(
  action: string,
  { metric = "loss", mode = metric === "loss" ? "min" : "max", minDelta = 0 }: BestOptions,
): (history: readonly EpochResult<string>[]) => Best {
  if (mode !== "min" && mode !== "max") {
    throw new RangeError(`Cannot ${action} with the mode ${mode}: it must be "min" or "max"`);
  }
  if (!(minDelta >= 0 && minDelta < Infinity)) {
    throw new RangeError(
      `Cannot ${action} with a minDelta of ${minDelta}: it must be a number of at least 0`,
    );
  }
  return (history) => {
    const isValidated = history.some(({ validation }) => validation);
    const candidates = history.flatMap(({ training, validation }) => {
      const means: Readonly<Record<string, number>> | undefined = isValidated
        ? validation
        : training;
      if (!means) return [];
      const value = means[metric];
      if (value !== undefined) return [value];
      throw new RangeError(
        `Cannot ${action} by ${metric}: there are ${Object.keys(means).join(", ")}`,
      );
    });
    const sign = mode === "min" ? -1 : 1;
    const found = candidates.reduce((best, value, i) => {
      const before = candidates[best] ?? NaN;
      // A metric of which nothing counts is NaN, and never the best.
      const isBetter = Number.isNaN(before)
        ? !Number.isNaN(value)
        : sign * (value - before) > minDelta;
      return isBetter ? i : best;
    }, 0);
    return { found, candidates };
  };
}
