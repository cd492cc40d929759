import { formatTable } from "../../_text/format.ts";
import { formatDecimals } from "../shared/report.ts";
import { BAR, type Comparison } from "./compare_checkouts.ts";

/** Shows a comparison as a table, with the verdict in its last line. */
export function formatComparison(
  { against, rounds, rows, missing, mean, isAsFast }: Comparison,
): string {
  const milliseconds = (seconds: number) => formatDecimals(seconds * 1000);
  const slow = rows.filter(({ ratio }) => ratio < BAR.row);
  const misses = [
    ...mean < BAR.mean ? [`the geometric mean is below ${BAR.mean}`] : [],
    ...slow.length > 0
      ? [`${slow.map(({ name }) => `"${name}"`).join(", ")} below ${BAR.row}`]
      : [],
  ];
  return [
    `this checkout against ${against}; medians of ${rounds} ${rounds === 1 ? "round" : "rounds"} ` +
    "in turn; ratio: the other's time divided by this one's, so above 1 is faster",
    "",
    ...formatTable([
      ["row", "ms other", "ms this", "ratio", "least", "most"],
      ...rows.map(({ name, other, own, ratio, ratios }) => [
        name,
        milliseconds(other),
        milliseconds(own),
        ...[ratio, Math.min(...ratios), Math.max(...ratios)].map((value) => value.toFixed(3)),
      ]),
    ], { right: [1, 2, 3, 4, 5] }),
    ...missing.map(({ name, missing }) => `not compared: ${name}: ${missing}`),
    "",
    `geometric mean ${mean.toFixed(3)}, least ${
      Math.min(...rows.map(({ ratio }) => ratio)).toFixed(3)
    }`,
    isAsFast ? "as fast as before" : `slower than before: ${misses.join("; ")}`,
  ].join("\n");
}
