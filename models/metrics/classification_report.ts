/**
 * How well each class is told from the others.
 *
 * @module
 */

import type { ConfusionMatrix } from "./confusion_matrix.ts";

export type { ConfusionMatrix } from "./confusion_matrix.ts";

/** The quality of the predictions of one class, each from 0 to 1; `null` where there is nothing to divide by. */
export interface ClassQuality {
  /** The class's name. */
  readonly name: string;
  /** The share of the examples taken for this class that are of it. */
  readonly precision: number | null;
  /** The share of the examples of this class that were taken for it. */
  readonly recall: number | null;
  /** The harmonic mean of the two, the F1 score. */
  readonly f1: number | null;
  /** The number of examples of it. */
  readonly support: number;
}

/** The quality of predictions. */
export interface ClassificationReport {
  /** The share of all examples that were taken for what they are; `null` without examples. */
  readonly accuracy: number | null;
  /** The number of all examples. */
  readonly support: number;
  /** The quality of each class. */
  readonly classes: readonly ClassQuality[];
}

/**
 * Reports how well each class is told from the others: precision, recall and F1 score.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { classificationReport } from "@rill/rill/models";
 *
 * const { accuracy, classes: [cats, dogs] } = classificationReport([[3, 1], [0, 0]], ["cat", "dog"]);
 * assertEquals(accuracy, 0.75);
 * assertEquals(cats, { name: "cat", precision: 1, recall: 0.75, f1: 6 / 7, support: 4 });
 * assertEquals(dogs, { name: "dog", precision: 0, recall: null, f1: 0, support: 0 });
 * ```
 *
 * @param confusion How often an example of one class (row) was taken for another (column).
 * @param names The names of the classes, their numbers by default.
 * @returns The report.
 * @throws {RangeError} If the matrix is not square, or there is not one name for each class.
 */
export function classificationReport(
  confusion: ConfusionMatrix,
  names: readonly string[] = confusion.map((_, c) => String(c)),
): ClassificationReport {
  const { length: classes } = confusion;
  if (confusion.some((row) => row.length !== classes) || names.length !== classes) {
    throw new RangeError(
      `Cannot report on a confusion matrix of ${classes} rows, of ${
        [...new Set(confusion.map((row) => row.length))].join(" and ") || "no"
      } counts each, with ${names.length} names: it takes as many of each`,
    );
  }
  const support = add(confusion.map(add));
  return {
    accuracy: divide(add(confusion.map((row, c) => row[c]!)), support),
    support,
    classes: names.map((name, c) => {
      const hits = confusion[c]![c]!;
      const support = add(confusion[c]!);
      const predicted = add(confusion.map((row) => row[c]!));
      return {
        name,
        precision: divide(hits, predicted),
        recall: divide(hits, support),
        f1: divide(2 * hits, support + predicted),
        support,
      };
    }),
  };
}

const add = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);

const divide = (a: number, b: number): number | null => b === 0 ? null : a / b;
