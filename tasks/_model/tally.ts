import {
  addConfusionMatrices,
  type ConfusionMatrix,
  confusionMatrix,
  type Evaluation,
  topK,
} from "../../models/mod.ts";

/** The evaluation of a batch, and its labels. */
export interface EvaluatedBatch extends Evaluation {
  readonly labels: Int32Array<ArrayBuffer>;
}

/** The counts of a test pass. */
export interface Tally {
  /** The number of examples. */
  readonly examples: number;
  readonly correct: number;
  /** The sum of the examples' cross-entropies. */
  readonly loss: number;
  readonly confusion: ConfusionMatrix;
}

/** Creates a tally without examples. */
export const createTally = (classes: number): Tally => ({
  examples: 0,
  correct: 0,
  loss: 0,
  confusion: confusionMatrix([], [], classes),
});

/** Adds a batch to a tally. */
export function addToTally(
  tally: Tally,
  { outputs, means, labels }: EvaluatedBatch,
): Tally {
  const { confusion } = tally;
  const batch = confusionMatrix(topK(outputs, 1).indices, labels, confusion.length);
  return {
    examples: tally.examples + labels.length,
    correct: tally.correct + means.accuracy.sum,
    loss: tally.loss + means.loss.sum,
    confusion: addConfusionMatrices([confusion, batch]),
  };
}
