import type { EvaluatedBatch } from "./test_pass.ts";

/** What a test pass counts. */
export interface Tally {
  /** How many examples. */
  readonly examples: number;
  readonly correct: number;
  /** The sum of the examples' cross-entropies. */
  readonly loss: number;
  /** How often an example of one class (row) was taken for another (column). */
  readonly confusion: readonly (readonly number[])[];
}

/** The tally of nothing yet. */
export const createTally = (classes: number): Tally => ({
  examples: 0,
  correct: 0,
  loss: 0,
  confusion: Array.from({ length: classes }, () => new Array(classes).fill(0)),
});

/** A tally with one batch more. */
export function addToTally(
  tally: Tally,
  { predictions, losses, labels }: EvaluatedBatch,
): Tally {
  const confusion = tally.confusion.map((row) => [...row]);
  let { correct, loss } = tally;
  labels.forEach((label, i) => {
    confusion[label][predictions[i]]++;
    if (label === predictions[i]) correct++;
    loss += losses[i];
  });
  return { examples: tally.examples + labels.length, correct, loss, confusion };
}
