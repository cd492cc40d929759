import { classificationReport, type ClassQuality, type ConfusionMatrix } from "../../models/mod.ts";
import type { Tally } from "../_model/tally.ts";
import { formatTable } from "../_text/format.ts";

/** The quality of the predictions for one class. */
export interface ClassReport extends Omit<ClassQuality, "support"> {
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
  readonly confusion: ConfusionMatrix;
}

/** Computes a report. */
export function computeReport(
  { examples, correct, loss, confusion }: Tally,
  names: readonly string[],
): Report {
  const { classes } = classificationReport(confusion, names);
  return {
    examples,
    accuracy: correct / examples,
    loss: loss / examples,
    classes: classes.map(({ support, ...quality }) => ({ ...quality, examples: support })),
    confusion,
  };
}

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
