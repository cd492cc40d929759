import { table } from "../_text/table.ts";
import type { Report } from "./report.ts";

/** A report as tables. */
export function reportText({ examples, accuracy, loss, classes, confusion }: Report): string {
  const share = (value: number | null) => value === null ? "-" : value.toFixed(3);
  const quality = table([
    ["class", "precision", "recall", "F1", "images"],
    ...classes.map(({ name, precision, recall, f1, examples }) => [
      name,
      share(precision).padStart(9),
      share(recall).padStart(6),
      share(f1).padStart(5),
      examples,
    ]),
  ]);
  const matrix = table([
    ["is \\ taken for", ...classes.map((_, c) => String(c))],
    ...confusion.map((row, c) => [`${c} ${classes[c].name}`, ...row]),
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
