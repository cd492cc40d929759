import type { Tally } from "../_model/tally.ts";
import { formatTable } from "../_text/format.ts";

/** The quality of the predictions for one class, each from 0 to 1; `null` if there is nothing to divide by. */
export interface ClassReport {
  readonly name: string;
  /** The share of the examples predicted as this class that are of it. */
  readonly precision: number | null;
  /** The share of the examples of this class that were predicted as it. */
  readonly recall: number | null;
  /** The harmonic mean of the two. */
  readonly f1: number | null;
  /** The number of examples of it. */
  readonly examples: number;
}

/** The result of an evaluation. */
export interface Report {
  readonly examples: number;
  readonly accuracy: number;
  /** The mean cross-entropy. */
  readonly loss: number;
  readonly classes: readonly ClassReport[];
  /** How often an example of one class (row) was predicted as another (column). */
  readonly confusion: readonly (readonly number[])[];
}

/** Computes a report. */
export function computeReport(
  { examples, correct, loss, confusion }: Tally,
  names: readonly string[],
): Report {
  return {
    examples,
    accuracy: correct / examples,
    loss: loss / examples,
    classes: names.map((name, c) => {
      const row = confusion[c] ?? [];
      const hits = row[c] ?? 0;
      const ofClass = sum(row);
      const predicted = sum(confusion.map((row) => row[c] ?? 0));
      return {
        name,
        precision: divide(hits, predicted),
        recall: divide(hits, ofClass),
        f1: divide(2 * hits, ofClass + predicted),
        examples: ofClass,
      };
    }),
    confusion,
  };
}

const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);

const divide = (a: number, b: number): number | null => b === 0 ? null : a / b;

/** Formats a report as tables. */
export function formatReport({ examples, accuracy, loss, classes, confusion }: Report): string {
  const formatShare = (value: number | null) => value === null ? "-" : value.toFixed(3);
  const quality = formatTable([
    ["class", "precision", "recall", "F1", "images"],
    ...classes.map(({ name, precision, recall, f1, examples }) => [
      name,
      formatShare(precision).padStart(9),
      formatShare(recall).padStart(6),
      formatShare(f1).padStart(5),
      examples,
    ]),
  ]);
  const matrix = formatTable([
    ["is \\ taken for", ...classes.map((_, c) => String(c))],
    ...classes.map(({ name }, c) => [`${c} ${name}`, ...confusion[c] ?? []]),
  ]);
  return [
    `accuracy ${accuracy.toFixed(4)}, loss ${loss.toFixed(4)}, ${
      examples.toLocaleString("en-US")
    } images`,
    "",
    ...quality,
    "",
    ...matrix,
  ].join("\n");
}
