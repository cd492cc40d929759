/**
 * Which classes are taken for which.
 *
 * @module
 */

/** How often an example of one class (row) was taken for another (column). */
export type ConfusionMatrix = readonly (readonly number[])[];

/** The options of `confusionMatrix`. */
export interface ConfusionMatrixOptions {
  /**
   * A label that says nothing: what has it isn't counted.
   *
   * @default {none}
   */
  readonly ignoredLabel?: number;
}

/**
 * Counts how often an example of one class was taken for another.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { confusionMatrix, topK } from "@rill/rill/models";
 *
 * const logits = { data: Float32Array.of(5, 1, 2, 3, 4, 0), shape: [3, 2] };
 * const { indices } = topK(logits, 1);
 * assertEquals(confusionMatrix(indices, Int32Array.of(0, 0, 0), 2), [[2, 1], [0, 0]]);
 * ```
 *
 * @param predictions The indices of the classes that the examples were taken for.
 * @param labels The indices of the classes that they are of.
 * @param classes The number of classes.
 * @param options A label to ignore.
 * @returns The counts, `classes` rows of as many.
 * @throws {RangeError} If there are not as many predictions as labels, or one is not the index of a class.
 */
export function confusionMatrix(
  predictions: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  { ignoredLabel }: ConfusionMatrixOptions = {},
): ConfusionMatrix {
  if (!Number.isSafeInteger(classes) || classes < 1) {
    throw new RangeError(`Cannot count ${classes} classes: it must be a positive integer`);
  }
  if (predictions.length !== labels.length) {
    throw new RangeError(
      `Cannot compare ${predictions.length} predictions with ${labels.length} labels: ` +
        "there must be one for each",
    );
  }
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) {
    const [label, prediction] = [labels[i]!, predictions[i]!];
    if (label === ignoredLabel) continue;
    const row = matrix[label];
    if (row?.[prediction] === undefined) {
      const [what, found] = row ? ["prediction", prediction] : ["label", label];
      throw new RangeError(
        `Cannot take ${what} ${found} of example ${i} for a class: there are ${classes}, from 0`,
      );
    }
    row[prediction]!++;
  }
  return matrix;
}

/**
 * Adds up confusion matrices, such as those of several batches.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { addConfusionMatrices } from "@rill/rill/models";
 *
 * assertEquals(addConfusionMatrices([[[1, 2], [0, 3]], [[1, 0], [0, 1]]]), [[2, 2], [0, 4]]);
 * ```
 *
 * @param matrices The matrices, one at least.
 * @returns Their sum.
 * @throws {RangeError} If there is none, or they are of different numbers of classes.
 */
export function addConfusionMatrices(matrices: readonly ConfusionMatrix[]): ConfusionMatrix {
  const [first] = matrices;
  if (!first) throw new RangeError("Cannot add up no confusion matrices: it takes one at least");
  const other = matrices.find(({ length }) => length !== first.length);
  if (other) {
    throw new RangeError(
      `Cannot add a confusion matrix of ${other.length} classes to one of ${first.length}`,
    );
  }
  return first.map((row, label) =>
    row.map((_, prediction) =>
      matrices.reduce((sum, matrix) => sum + matrix[label]![prediction]!, 0)
    )
  );
}
