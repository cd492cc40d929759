import { findLargest } from "../../models/ops/_ops.ts";
import type { EvaluatedBatch } from "./test_pass.ts";

/** The counts of a test pass. */
export interface Tally {
  /** The number of examples. */
  readonly examples: number;
  readonly correct: number;
  /** The sum of the examples' cross-entropies. */
  readonly loss: number;
  /** How often an example of one class (row) was predicted as another (column). */
  readonly confusion: readonly (readonly number[])[];
}

/** Creates a tally without examples. */
export const createTally = (classes: number): Tally => ({
  examples: 0,
  correct: 0,
  loss: 0,
  confusion: Array.from({ length: classes }, () => new Array(classes).fill(0)),
});

/** Adds a batch to a tally. */
export function addToTally(
  tally: Tally,
  { outputs, means, labels }: EvaluatedBatch,
): Tally {
  const confusion = tally.confusion.map((row) => [...row]);
  const { length: classes } = confusion;
  labels.forEach((label, i) => {
    confusion[label]![findLargest(outputs.data.subarray(i * classes, (i + 1) * classes))]!++;
  });
  return {
    examples: tally.examples + labels.length,
    correct: tally.correct + means.accuracy.sum,
    loss: tally.loss + means.loss.sum,
    confusion,
  };
}
