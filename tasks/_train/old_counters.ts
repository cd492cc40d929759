import type { TrainingPosition } from "../../models/mod.ts";
import type { TrainSettings } from "./train_settings.ts";

/** How far a run was, as runs saved it before trainings had positions. */
export interface OldCounters {
  readonly epoch: number;
  readonly index: number;
  readonly step: number;
  readonly sums: {
    readonly batchLosses: number;
    readonly losses: number;
    readonly correct: number;
    readonly images: number;
  };
  readonly bestAccuracy: number | null;
}

/** Makes the position that an older run was at. */
export function toPosition(
  { epoch, index, step, sums, bestAccuracy }: OldCounters,
  { batchSize, seed }: Pick<TrainSettings, "batchSize" | "seed">,
): TrainingPosition {
  const { batchLosses, losses, correct, images } = sums;
  return {
    epoch,
    index,
    step,
    updates: step,
    seed,
    sums: {
      steps: Math.ceil(index / batchSize),
      examples: images,
      metrics: {
        loss: { sum: losses, weight: images, stepMeans: batchLosses },
        accuracy: { sum: correct, weight: images, stepMeans: correct / batchSize },
      },
    },
    // Of the epochs done only the best was kept.
    history: bestAccuracy === null ? [] : [{
      epoch: epoch - 1,
      step,
      training: { loss: NaN, accuracy: NaN },
      validation: { loss: NaN, accuracy: bestAccuracy },
    }],
  };
}
