/**
 * The report of a meter as a table.
 *
 * @module
 */

import type { Bottleneck, MeterReport, StageReport } from "./meter.ts";

export type { Bottleneck, Meter, MeterReport, StageReport } from "./meter.ts";

/**
 * Writes the report of a meter as text, for people: a line for each stage, and one that names the bottleneck. Shares are of the
 * whole time.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { reportTable } from "@rill/rill/pipelines";
 *
 * const text = reportTable({
 *   seconds: 2,
 *   stages: [{
 *     name: "resize",
 *     items: 6000,
 *     itemsPerSecond: 3000,
 *     itemsPerSecondAlone: 4000,
 *     ownSeconds: 1.5,
 *     upstreamSeconds: 0.4,
 *     downstreamSeconds: 0.1,
 *     queued: undefined,
 *   }],
 *   bottleneck: { kind: "stage", name: "resize", share: 0.75 },
 * });
 * assertEquals(text.split("\n"), [
 *   "stage   items  items/s  alone/s   own  waits up  waits down  queue",
 *   "------  -----  -------  -------  ----  --------  ----------  -----",
 *   "resize  6,000    3,000    4,000  75 %      20 %         5 %      -",
 *   "The bottleneck is resize: it is at work itself 75 % of the time",
 * ]);
 * ```
 *
 * @param report What {@linkcode Meter.report} gives.
 * @returns The lines, without a line break at the end.
 */
export function reportTable({ seconds, stages, bottleneck }: MeterReport): string {
  const rows = [HEAD, ...stages.map((stage) => writeCells(stage, seconds))];
  const widths = HEAD.map((_, c) => Math.max(...rows.map((row) => row[c]?.length ?? 0)));
  const line = (cells: readonly string[], fill = " ") =>
    widths
      .map((width, c) => (cells[c] ?? "")[c === 0 ? "padEnd" : "padStart"](width, fill))
      .join("  ");
  const [head, ...lines] = rows.map((row) => line(row));
  return [head, line([], "-"), ...lines, writeSentence(bottleneck)].join("\n");
}

const HEAD = ["stage", "items", "items/s", "alone/s", "own", "waits up", "waits down", "queue"];

const writeCells = (stage: StageReport, seconds: number): string[] => [
  stage.name,
  writeInteger(stage.items),
  writeInteger(stage.itemsPerSecond),
  stage.itemsPerSecondAlone === undefined ? "-" : writeInteger(stage.itemsPerSecondAlone),
  ...[stage.ownSeconds, stage.upstreamSeconds, stage.downstreamSeconds].map((part) =>
    seconds > 0 ? writePercent(part / seconds) : "-"
  ),
  stage.queued === undefined ? "-" : stage.queued.toFixed(1),
];

function writeSentence(bottleneck: Bottleneck | undefined): string {
  if (!bottleneck) return "Nothing was measured";
  const { kind, name, share } = bottleneck;
  const part = `${writePercent(share)} of the time`;
  switch (kind) {
    case "stage":
      return `The bottleneck is ${name}: it is at work itself ${part}`;
    case "source":
      return `The bottleneck is what comes before ${name}: it is waited for ${part}`;
    case "consumer":
      return `The bottleneck is what comes after ${name}: it asks for nothing ${part}`;
  }
}

const writeInteger = (n: number): string => Math.round(n).toLocaleString("en-US");

const writePercent = (share: number): string => `${Math.round(share * 100)} %`;
