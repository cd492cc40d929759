import { formatTable } from "../../_text/format.ts";
import { formatDecimals, formatMachine, type Machine } from "../shared/report.ts";
import type { KernelShare, StepProfile } from "./step_profile.ts";
import type { Absentee } from "../shared/absentee.ts";
import type { TrainLoad } from "../shared/train_load.ts";

/** The report of `deno task bench kernels`, as `--json` prints it. */
export interface KernelsReport extends TrainLoad {
  readonly machine: Machine;
  /** The backend, and what it is. */
  readonly backend: "webgpu" | "wasm";
  readonly about: string;
  readonly rounds: number;
  /** The peak of the device in GFLOP/s, if it was given. */
  readonly peak: number | null;
  readonly kernels: readonly KernelReport[];
  /** Whose kernels could not be measured. */
  readonly missing: readonly Absentee[];
  /** The profile of a step with Rill's kernels; or why there is none. */
  readonly profile: StepProfile | { readonly missing: string };
}

/** The speed of a kernel, Rill's beside tfjs's. */
export interface KernelReport {
  readonly name: string;
  readonly flops: number;
  readonly bytes: number;
  readonly rill: KernelSpeed;
  /** tfjs's own, if it was measured. */
  readonly stock: KernelSpeed | null;
  /** The speed of Rill's as a multiple of tfjs's, in the middle one of the rounds. */
  readonly ratio: number | null;
}

/** The speed of one of them. */
export interface KernelSpeed {
  /** The middle one of the turns, and all of them. */
  readonly seconds: number;
  readonly runs: readonly number[];
  /** `null` where a kernel only moves numbers. */
  readonly gflops: number | null;
  /** The bytes that have to be moved at least, by the time. */
  readonly gigabytesPerSecond: number;
}

/** Shows a report as tables. */
export function formatKernelsReport(report: KernelsReport): string {
  const { machine, about, side, batchSize, rounds, peak, kernels, missing, profile } = report;
  const stock = kernels.some(({ stock }) => stock);
  return [
    `${formatMachine(machine)}; ${rounds === 1 ? "one run" : `medians of ${rounds} runs`} in turn`,
    `${about}; AlexNet, ${side} × ${side}, batches of ${batchSize}` + formatPeak(peak),
    ...missing.map(({ name, missing }) => `${name}: not measured: ${missing}`),
    "",
    ...formatTable([
      [
        "kernel",
        "ms",
        "speed",
        ...peak === null ? [] : ["of peak"],
        ...stock ? ["tfjs's ms", "speed", "Rill's is faster by"] : [],
      ],
      ...kernels.map((kernel) => [
        kernel.name,
        ...formatSpeed(kernel.rill),
        ...peak === null ? [] : [formatShare(kernel.rill.gflops, peak)],
        ...stock ? formatStock(kernel) : [],
      ]),
    ], { right: [1, 2, 3, 4, 5, 6] }),
    "",
    ...("missing" in profile
      ? [`what a whole step spends its time on: not measured: ${profile.missing}`]
      : formatProfile(profile, peak)),
  ].join("\n");
}

const formatPeak = (peak: number | null): string =>
  peak === null ? "" : `; the peak is taken to be ${formatDecimals(peak)} GFLOP/s`;

const formatSpeed = ({ seconds, gflops, gigabytesPerSecond }: KernelSpeed): string[] => [
  formatDecimals(seconds * 1000),
  gflops === null
    ? `${formatDecimals(gigabytesPerSecond)} GB/s   `
    : `${formatDecimals(gflops)} GFLOP/s`,
];

const formatStock = ({ stock, ratio }: KernelReport): string[] =>
  stock && ratio !== null ? [...formatSpeed(stock), `${formatDecimals(ratio)} ×`] : ["", "", ""];

const formatShare = (part: number | null, whole: number): string =>
  part === null ? "" : `${(100 * part / whole).toFixed(1)}%`;

/** The part of a step below which a kernel has no line of its own. */
const LEAST = 0.001;

/** Shows the profile of a step as lines. */
export function formatProfile({ kernels, seconds }: StepProfile, peak: number | null): string[] {
  const sum = kernels.reduce((sum, kernel) => sum + kernel.seconds, 0);
  const shown = kernels.filter(({ seconds }) => seconds >= sum * LEAST);
  const rest = kernels.slice(shown.length);
  const onDevice = kernels.some(({ dispatches }) => dispatches > 0);
  const dispatches = kernels.reduce((sum, kernel) => sum + kernel.dispatches, 0);
  const gflops = (kernel: KernelShare) =>
    kernel.flops === 0 ? null : kernel.flops / kernel.seconds / 1e9;
  return [
    onDevice
      ? `one step of Rill's by timestamps, a pass for each of ${dispatches} dispatches: ` +
        `${formatDecimals(sum * 1000)} ms in kernels, ${
          formatDecimals(seconds * 1000)
        } ms from the first to the last`
      : `one step of Rill's by the clock: ${formatDecimals(sum * 1000)} ms in kernels, ${
        formatDecimals(seconds * 1000)
      } ms in all`,
    "",
    ...formatTable([
      [
        "kernel, and what it got",
        "calls",
        ...onDevice ? ["dispatches"] : [],
        "ms",
        "share",
        "GFLOP/s",
        ...peak === null ? [] : ["of peak"],
        ...onDevice ? ["programs"] : [],
      ],
      ...shown.map((kernel) => [
        kernel.name,
        String(kernel.calls),
        ...onDevice ? [String(kernel.dispatches)] : [],
        formatDecimals(kernel.seconds * 1000),
        formatShare(kernel.seconds, sum),
        gflops(kernel) === null ? "" : formatDecimals(gflops(kernel)!),
        ...peak === null ? [] : [formatShare(gflops(kernel), peak)],
        ...onDevice ? [kernel.programs.join(", ")] : [],
      ]),
    ], {
      right: Array.from(
        { length: 4 + (onDevice ? 1 : 0) + (peak === null ? 0 : 1) },
        (_, i) => i + 1,
      ),
    }),
    ...rest.length === 0 ? [] : [
      `and ${rest.length} more with less than ${100 * LEAST}% each, ${
        formatShare(rest.reduce((sum, { seconds }) => sum + seconds, 0), sum)
      } together`,
    ],
  ];
}
