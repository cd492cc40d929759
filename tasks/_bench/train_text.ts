import { formatTable } from "../_text/format.ts";
import { decimals } from "./decimals.ts";
import { machineText } from "./machine.ts";
import type { TrainerReport, TrainReport } from "./train_report.ts";

type Column = readonly [head: string, cell: (one: TrainerReport) => string];

/** The report as tables. */
export function trainText(report: TrainReport): string {
  const { machine, side, batchSize, rounds, gflop, peak, contestants, missing, start } = report;
  const columns = [
    ...SPEED,
    ...peak === null ? [] : [OF_PEAK],
    ...contestants.some(({ commands }) => commands) ? COMMANDS : [],
    ...REST,
  ];
  return [
    `${machineText(machine)}; ${rounds === 1 ? "one run" : `medians of ${rounds} runs`} in turn`,
    "",
    ...formatTable([
      [
        `AlexNet, ${side} × ${side}, batches of ${batchSize}`,
        ...columns.map(([head]) => head),
        "with",
      ],
      ...contestants.map((one) => [one.name, ...columns.map(([, cell]) => cell(one)), one.about]),
      ...missing.map(({ name, missing }) => [
        name,
        ...columns.map(() => ""),
        `not measured: ${missing}`,
      ]),
    ], { right: columns.map((_, i) => i + 1) }),
    "",
    `a step is ${decimals(gflop)} GFLOP` +
    (peak === null ? "" : `; the peak is taken to be ${decimals(peak)} GFLOP/s`),
    "from the command to the end of the first step" + startText(start),
  ].join("\n");
}

const SPEED: readonly Column[] = [
  ["s a step", ({ seconds }) => decimals(seconds)],
  ["least", ({ least }) => decimals(least)],
  ["images/s", ({ imagesPerSecond }) => decimals(imagesPerSecond)],
  ["GFLOP/s", ({ gflops }) => decimals(gflops)],
];

const OF_PEAK: Column = [
  "of peak",
  ({ share }) => share === null ? "" : `${(100 * share).toFixed(1)}%`,
];

const COMMANDS: readonly Column[] = (["dispatches", "submits", "uploads"] as const)
  .map((key) => [key, ({ commands }) => commands ? String(Math.round(commands[key])) : ""]);

const REST: readonly Column[] = [
  ["MB at most", ({ peakRss }) => String(Math.round(peakRss / 2 ** 20))],
  ["first loss", ({ firstLoss }) => firstLoss.toFixed(4)],
  ["the first is faster by", ({ ratio }) => `${decimals(ratio)} ×`],
];

function startText(start: TrainReport["start"]): string {
  if ("missing" in start) return `: not measured: ${start.missing}`;
  const runs = start.runs.map((run) => run.toFixed(2)).join(", ");
  return `, caches warm: ${start.seconds.toFixed(2)} s (${runs})`;
}
