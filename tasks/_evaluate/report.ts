import {
  classificationReport,
  type ClassQuality,
  type ConfusionMatrix,
  topK,
} from "../../models/mod.ts";
import { formatConfusedPairs, listConfusedPairs } from "../_model/confused_pairs.ts";
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
  /** The share of examples whose class is among the five likeliest, where there are more than five. */
  readonly top5?: number;
  /** The mean cross-entropy. */
  readonly loss: number;
  readonly classes: readonly ClassReport[];
  readonly confusion: ConfusionMatrix;
}

/** How many of the likeliest classes count, where there are more. */
export const TOP = 5;

/** The most classes of which everything is printed. */
const MOST_CLASSES = 20;

/** The rows of a table of the worst. */
const WORST = 10;

/** Counts the examples of a batch whose class is among the likeliest five. */
export function countTop(
  outputs: Parameters<typeof topK>[0],
  labels: ArrayLike<number>,
): number {
  const { indices } = topK(outputs, TOP);
  let count = 0;
  for (let i = 0; i < labels.length; i++) {
    if (indices.subarray(i * TOP, (i + 1) * TOP).includes(labels[i]!)) count++;
  }
  return count;
}

/**
 * Computes a report.
 *
 * @param inTop The number of examples whose class is among the likeliest five, where there are more.
 */
export function computeReport(
  { examples, correct, loss, confusion }: Tally,
  names: readonly string[],
  inTop?: number,
): Report {
  const { classes } = classificationReport(confusion, names);
  return {
    examples,
    accuracy: correct / examples,
    ...inTop !== undefined && { top5: inTop / examples },
    loss: loss / examples,
    classes: classes.map(({ support, ...quality }) => ({ ...quality, examples: support })),
    confusion,
  };
}

/** Formats a report as tables: of many classes those that are told worst. */
export function formatReport(report: Report): string {
  const { examples, accuracy, top5, loss, classes } = report;
  const top = top5 === undefined ? "" : `, top-5 accuracy ${top5.toFixed(4)}`;
  return [
    `accuracy ${accuracy.toFixed(4)}${top}, loss ${loss.toFixed(4)}, ${
      examples.toLocaleString("en-US")
    } images`,
    "",
    ...classes.length <= MOST_CLASSES ? formatAll(report) : formatWorst(report),
  ].join("\n");
}

function formatQuality(classes: readonly ClassReport[]): string[] {
  const formatShare = (value: number | null) => value === null ? "-" : value.toFixed(3);
  return formatTable([
    ["class", "precision", "recall", "F1", "images"],
    ...classes.map(({ name, precision, recall, f1, examples }) => [
      name,
      formatShare(precision).padStart(9),
      formatShare(recall).padStart(6),
      formatShare(f1).padStart(5),
      examples,
    ]),
  ]);
}

const formatAll = ({ classes, confusion }: Report): string[] => [
  ...formatQuality(classes),
  "",
  ...formatTable([
    ["is \\ taken for", ...classes.map((_, c) => String(c))],
    ...classes.map(({ name }, c) => [`${c} ${name}`, ...confusion[c] ?? []]),
  ]),
];

function formatWorst({ classes, confusion }: Report): string[] {
  const present = classes.filter(({ examples }) => examples > 0);
  const worst = present.toSorted((a, b) => (a.f1 ?? 0) - (b.f1 ?? 0)).slice(0, WORST);
  const pairs = listConfusedPairs(confusion, WORST);
  return [
    `The ${worst.length} of ${present.length} classes that are told worst:`,
    ...formatQuality(worst),
    ...pairs.length === 0 ? [] : [
      "",
      "Most often confused:",
      ...formatConfusedPairs(pairs, classes.map(({ name }) => name)),
    ],
  ];
}
