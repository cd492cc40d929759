import type { EpochSums } from "./run_progress.ts";

/**
 * The chapter's line after an epoch. Its loss is what the chapter's code prints: the sum of the batches' mean
 * cross-entropies over the number of images, so the mean cross-entropy over the batch size.
 */
export function epochLine(epoch: number, sums: EpochSums, testAccuracy: number): string {
  return `epoch ${epoch}, ${trainText(sums)}, test acc ${testAccuracy.toFixed(3)}, ` +
    `time ${sums.seconds.toFixed(1)} sec`;
}

/** What the training steps of an epoch gave, as in its line. */
export const trainText = ({ batchLosses, correct, images }: EpochSums): string =>
  `loss ${(batchLosses / images).toFixed(4)}, train acc ${(correct / images).toFixed(3)}`;
