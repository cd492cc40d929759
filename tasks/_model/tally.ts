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
  { predictions, losses, labels }: EvaluatedBatch,
): Tally {
  const confusion = tally.confusion.map((row) => [...row]);
  let { correct, loss } = tally;
  labels.forEach((label, i) => {
    const prediction = predictions[i]!;
    confusion[label]![prediction]!++;
    if (label === prediction) correct++;
    loss += losses[i]!;
  });
  return { examples: tally.examples + labels.length, correct, loss, confusion };
}
