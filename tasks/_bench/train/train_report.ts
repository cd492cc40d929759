import { formatTable } from "../../_text/format.ts";
import { formatDecimals, formatMachine, type Machine } from "../shared/report.ts";
import type { Absentee } from "../shared/absentee.ts";
import type { Commands, TrainContestant } from "./train_contestant.ts";
import { type NetworkName, networks } from "../../_model/networks.ts";
import type { TrainLoad } from "../shared/train_load.ts";
import { isTuned, LEAST_RATE } from "./tune_pytorch.ts";

/** The report of `deno task bench train`, as `--json` prints it. */
export interface TrainReport extends TrainLoad {
  /** The network, and the channels of its images; checkouts that know AlexNet alone leave them out. */
  readonly model?: NetworkName;
  readonly channels?: number;
  readonly machine: Machine;
  readonly backend: "webgpu" | "wasm";
  readonly rounds: number;
  /** Floating-point operations of a step, in billions; no gradient for the images is among them. */
  readonly gflop: number;
  /** The peak of the device in GFLOP/s, if it was given. */
  readonly peak: number | null;
  readonly contestants: readonly TrainerReport[];
  /** Contestants that could not be measured. */
  readonly missing: readonly Absentee[];
  /** From the command to the end of the first step. */
  readonly start: StartReport | { readonly missing: string };
}

/** The speed of a trainer. */
export interface TrainerReport {
  readonly name: string;
  readonly about: string;
  /** Steps in a turn. */
  readonly steps: number;
  /** Seconds a step: of the middle one of the turns, of the fastest, and of all in their order. */
  readonly seconds: number;
  readonly least: number;
  readonly runs: readonly number[];
  readonly imagesPerSecond: number;
  readonly gflops: number;
  /** The part of the peak that it reached. */
  readonly share: number | null;
  /** The commands to the WebGPU device in a step; `null` on another backend. */
  readonly commands: Commands | null;
  readonly peakRss: number;
  readonly firstLoss: number;
  /** The rate of PyTorch's product of 1024³ in GFLOP/s, and the cores that it had. */
  readonly product: TrainContestant["product"] | null;
  /**
   * The speed of the first of them as a multiple of this one's, in the middle one of the rounds; null of a PyTorch that isn't set
   * up for its processor.
   */
  readonly ratio: number | null;
}

/** The seconds from the command to the end of the first step. */
export interface StartReport {
  /** The middle one of the runs. */
  readonly seconds: number;
  readonly runs: readonly number[];
}

type Column = readonly [head: string, cell: (one: TrainerReport) => string];

/** Shows a report as tables. */
export function formatTrainReport(report: TrainReport): string {
  const {
    machine,
    model = "alexnet",
    channels = 1,
    side,
    batchSize,
    rounds,
    gflop,
    peak,
    contestants,
    missing,
    start,
  } = report;
  const columns = [
    ...SPEED,
    ...peak === null ? [] : [OF_PEAK],
    ...contestants.some(({ commands }) => commands) ? COMMANDS : [],
    ...REST,
  ];
  return [
    `${formatMachine(machine)}; ${rounds === 1 ? "one run" : `medians of ${rounds} runs`} in turn`,
    "",
    ...formatTable([
      [
        `${networks[model].title}, ${side} × ${side}${
          channels === 1 ? "" : ` × ${channels}`
        }, batches of ${batchSize}`,
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
    `a step is ${formatDecimals(gflop)} GFLOP` +
    (peak === null ? "" : `; the peak is taken to be ${formatDecimals(peak)} GFLOP/s`),
    ...contestants.flatMap(({ name, product }) => product ? [formatProduct(name, product)] : []),
    "from the command to the end of the first step" + formatStart(start),
  ].join("\n");
}

const SPEED: readonly Column[] = [
  ["s a step", ({ seconds }) => formatDecimals(seconds)],
  ["least", ({ least }) => formatDecimals(least)],
  ["images/s", ({ imagesPerSecond }) => formatDecimals(imagesPerSecond)],
  ["GFLOP/s", ({ gflops }) => formatDecimals(gflops)],
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
  ["the first is faster by", ({ ratio }) => ratio === null ? "" : `${formatDecimals(ratio)} ×`],
];

function formatProduct(
  name: string,
  product: NonNullable<TrainContestant["product"]>,
): string {
  const each = formatDecimals(product.gflops / product.cores);
  const rates = `a product of 1024 × 1024 × 1024 by ${name}: ${
    formatDecimals(product.gflops)
  } GFLOP/s, ${each} a core`;
  return isTuned(product)
    ? rates
    : `${rates}, less than the ${LEAST_RATE} of one that is set up for its processor, so it isn't compared; leave the cores ` +
      "to it, or give it a faster BLAS (Debian: libopenblas0-pthread)";
}

function formatStart(start: TrainReport["start"]): string {
  if ("missing" in start) return `: not measured: ${start.missing}`;
  const runs = start.runs.map((run) => run.toFixed(2)).join(", ");
  return `, caches warm: ${start.seconds.toFixed(2)} s (${runs})`;
}
