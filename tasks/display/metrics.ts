/**
 * Confusion matrices as heat maps, and reports on classes as tables.
 *
 * @module
 */

import type { ClassificationReport } from "../../models/metrics/classification_report.ts";
import type { ConfusionMatrix } from "../../models/metrics/confusion_matrix.ts";
import { COLORS, estimateWidth, fitText, writeDrawing, writeText } from "./_drawing.ts";
import { escapeText, writeElement } from "./_markup.ts";
import { formatRows, writeTable } from "./_table.ts";
import { type Display, makeDisplay } from "./display.ts";

export type {
  ClassificationReport,
  ClassQuality,
} from "../../models/metrics/classification_report.ts";
export type { ConfusionMatrix } from "../../models/metrics/confusion_matrix.ts";
export type { Display } from "./display.ts";

/** How a confusion matrix is shown. */
export interface DisplayConfusionMatrixOptions {
  /**
   * The names of the classes.
   *
   * @default {their numbers}
   */
  readonly classes?: readonly string[];
}

/**
 * Displays a confusion matrix as a heat map: a row for what examples are, a column for what they were taken for. A cell is as dark
 * as its share of the row.
 *
 * @example Usage
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { displayConfusionMatrix, jupyterDisplay } from "@rill/rill/display";
 *
 * const display = displayConfusionMatrix([[8, 2], [1, 9]], { classes: ["boot", "coat"] });
 * const formats = await display[jupyterDisplay]();
 * assertStringIncludes(formats["image/svg+xml"] ?? "", "boot taken for coat: 2 of 10");
 * ```
 *
 * @param matrix The counts.
 * @param options The names of the classes.
 * @returns What a notebook shows.
 * @throws {RangeError} If the matrix is empty or not square, or there is not one name for each class.
 */
export function displayConfusionMatrix(
  matrix: ConfusionMatrix,
  { classes = matrix.map((_, c) => String(c)) }: DisplayConfusionMatrixOptions = {},
): Display {
  const { length } = matrix;
  if (length === 0 || classes.length !== length || matrix.some((row) => row.length !== length)) {
    throw new RangeError(
      `Cannot display a confusion matrix of ${length} rows, of ${
        [...new Set(matrix.map((row) => row.length))].join(" and ") || "no"
      } counts each, with ${classes.length} names: it takes as many of each, one at least`,
    );
  }
  return makeDisplay(() => ({
    "text/plain": formatRows([
      ["is \\ taken for", ...classes],
      ...matrix.map((row, r) => [classes[r]!, ...row]),
    ]),
    "image/svg+xml": drawMatrix(matrix, classes),
  }));
}

const NAMES = 130;

function drawMatrix(matrix: ConfusionMatrix, classes: readonly string[]): string {
  const { length } = matrix;
  const cell = length <= 12 ? 42 : length <= 25 ? 26 : 12;
  const letters = Math.min(12, cell - 1);
  const names = classes.map((name) => fitText(name, NAMES, letters));
  const longest = Math.max(...names.map((name) => estimateWidth(name, letters)));
  const left = 34 + longest;
  const top = 46 + longest * 0.72;
  const sums = matrix.map((row) => row.reduce((a, b) => a + b, 0));
  const right = matrix.reduce((sum, row, r) => sum + row[r]!, 0);
  const all = sums.reduce((a, b) => a + b, 0);
  const elements = matrix.flatMap((row, r) =>
    row.map((count, c) => {
      const [x, y] = [left + c * cell, top + r * cell];
      const share = sums[r] === 0 ? 0 : count / sums[r]!;
      const what = r === c
        ? `${classes[r]} taken for what it is`
        : `${classes[r]} taken for ${classes[c]}`;
      const tip = escapeText(
        `${what}: ${count.toLocaleString("en-US")} of ${sums[r]!.toLocaleString("en-US")}`,
      );
      return writeElement(
        "g",
        {},
        writeElement("title", {}, tip),
        writeElement("rect", {
          x,
          y,
          width: cell - 1,
          height: cell - 1,
          fill: shade(share, r === c),
        }),
        ...cell > 20 && count > 0
          ? [writeText(String(count), x + cell / 2, y + cell / 2 + 4, {
            size: count < 1000 ? Math.min(12, cell / 2.4) : Math.min(11, cell / 3),
            anchor: "middle",
            color: share > 0.5 ? COLORS.paper : COLORS.text,
          })]
          : [],
      );
    })
  );
  names.forEach((name, c) => {
    const at = c * cell + cell / 2;
    elements.push(
      writeText(name, left - 6, top + at + 4, { size: letters, anchor: "end" }),
      writeText(name, left + at, top - 6, { size: letters, turn: -45 }),
    );
  });
  elements.push(
    writeText("taken for", left, 16, { color: COLORS.quiet }),
    writeText("is", 8, top + 16, { color: COLORS.quiet }),
  );
  return writeDrawing({
    width: left + length * cell + Math.max(12, longest * 0.72 - cell / 2),
    height: top + length * cell + 8,
    label: `Confusion matrix: ${right.toLocaleString("en-US")} of ${
      all.toLocaleString("en-US")
    } examples taken for what they are`,
    elements,
  });
}

/** Gives the color of a share from 0 to 1: blue for what is right, red for what isn't. Past one half, white text can be read on it. */
function shade(share: number, isRight: boolean): string {
  const [from, to] = isRight ? [[238, 244, 250], [5, 82, 140]] : [[245, 246, 248], [140, 20, 20]];
  // A mistake in a hundred is to be seen.
  const at = share === 0 ? 0 : isRight ? share : Math.sqrt(share);
  const mix = from!.map((value, i) => Math.round(value + (to![i]! - value) * at));
  return `rgb(${mix.join(", ")})`;
}

/**
 * Displays how well each class is told from the others as a table: precision, recall and F1 score.
 *
 * @example Usage
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { classificationReport } from "@rill/rill/models";
 * import { displayClassificationReport, jupyterDisplay } from "@rill/rill/display";
 *
 * const report = classificationReport([[3, 1], [0, 4]], ["boot", "coat"]);
 * const formats = await displayClassificationReport(report)[jupyterDisplay]();
 * assertStringIncludes(formats["text/plain"], "accuracy 0.875 over 8 examples");
 * ```
 *
 * @param report The report.
 * @returns What a notebook shows.
 */
export function displayClassificationReport(report: ClassificationReport): Display {
  const format = (value: number | null): string => value === null ? "–" : value.toFixed(3);
  const rows = [
    ["class", "precision", "recall", "F1", "examples"],
    ...report.classes.map(({ name, precision, recall, f1, support }) => [
      name,
      format(precision),
      format(recall),
      format(f1),
      support,
    ]),
  ];
  const total = `accuracy ${format(report.accuracy)} over ${
    report.support.toLocaleString("en-US")
  } examples`;
  return makeDisplay(() => ({
    "text/plain": `${formatRows(rows)}\n\n${total}`,
    "text/html": writeTable(rows, [total]),
  }));
}
