import { formatBar, formatTable } from "../../_text/format.ts";
import { countClasses } from "../describe_data.ts";
import type { DataReport, Size, Twins } from "./inspect_data.ts";

/** How much larger than the smallest the largest class is where something should be done about it. */
const UNEQUAL = 3;

/** The most classes that have a line each. */
const MOST_LINES = 100;

/** Formats a report for people. */
export function formatReport(report: DataReport): string {
  const { data, classes, splits, imbalance, sizes, modes, formats } = report;
  const records = splits.map(({ name, records }) => `${records.toLocaleString("en-US")} ${name}`);
  const lines = [
    `${data}: ${countClasses(classes.length)}, ${records.join(" + ")} records`,
    "",
    ...formatCounts(report),
    "",
    `sizes: ${sizes ? formatSizes(sizes) : "nothing could be decoded"}`,
    `channels: ${formatTally(modes)}`,
    `stored as: ${formatTally(formats)}`,
    ...formatFindings(report),
    ...report.problems.map((problem) => `cannot be trained on as ${problem}`),
  ];
  if (imbalance >= UNEQUAL) {
    lines.push(
      `unequal classes: the largest has ${
        imbalance.toFixed(1)
      } times the records of the smallest; ` +
        "--balance draws all equally often, --class-weights has all count alike",
    );
  }
  return lines.join("\n");
}

/** Formats the records of each class, with bars for those to train on. */
function formatCounts({ classes, splits }: DataReport): string[] {
  const most = Math.max(...splits[0]?.byClass ?? [], 1);
  const rows = classes.slice(0, MOST_LINES).map((name, label) => [
    name,
    ...splits.flatMap(({ byClass }, i) => {
      const count = byClass[label] ?? 0;
      return i === 0 ? [count, formatBar(count / most)] : [count];
    }),
  ]);
  const header = ["class", ...splits.flatMap(({ name }, i) => i === 0 ? [name, ""] : [name])];
  const more = classes.length - rows.length;
  return [...formatTable([header, ...rows]), ...more > 0 ? [`... and ${more} more classes`] : []];
}

function formatFindings({ broken, repeated, leaked, contradictory }: DataReport): string[] {
  const twins = (what: string, { count, first }: { count: number; first: readonly Twins[] }) =>
    count === 0
      ? []
      : [formatList(what, count, first.map(({ first, second }) => `${second} is ${first}`))];
  return [
    broken.count === 0 ? "broken: none" : formatList(
      "broken (--on-bad-record skip leaves them out)",
      broken.count,
      broken.first.map(({ name, reason }) => `${name} (${reason})`),
    ),
    ...twins("the same picture twice", repeated),
    ...twins("LEAK, the same picture in two splits", leaked),
    ...twins("the same picture in two classes", contradictory),
  ];
}

const formatList = (what: string, count: number, first: readonly string[]): string =>
  `${what}: ${count.toLocaleString("en-US")}: ${first.join(", ")}${
    count > first.length ? ", ..." : ""
  }`;

const formatSize = ({ height, width }: Size): string => `${width} x ${height}`;

function formatSizes({ smallest, median, largest }: NonNullable<DataReport["sizes"]>): string {
  const [least, middle, most] = [smallest, median, largest].map(formatSize);
  return least === most
    ? `${least} (width x height), all`
    : `${least} (width x height) to ${most}, median ${middle}`;
}

const formatTally = (tally: Readonly<Record<string, number>>): string =>
  Object.entries(tally).sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count.toLocaleString("en-US")}`).join(", ") || "-";
