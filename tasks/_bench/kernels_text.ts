import { formatTable } from "../_text/format.ts";
import { decimals } from "./decimals.ts";
import type { KernelReport, KernelSpeed, KernelsReport } from "./kernels_report.ts";
import { machineText } from "./machine.ts";
import type { KernelShare, StepProfile } from "./step_profile.ts";

/** The report as tables. */
export function kernelsText(report: KernelsReport): string {
  const { machine, about, side, batchSize, rounds, peak, kernels, missing, profile } = report;
  const stock = kernels.some(({ stock }) => stock);
  return [
    `${machineText(machine)}; ${rounds === 1 ? "one run" : `medians of ${rounds} runs`} in turn`,
    `${about}; AlexNet, ${side} × ${side}, batches of ${batchSize}` + peakText(peak),
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
        ...speedCells(kernel.rill),
        ...peak === null ? [] : [shareOf(kernel.rill.gflops, peak)],
        ...stock ? stockCells(kernel) : [],
      ]),
    ], { right: [1, 2, 3, 4, 5, 6] }),
    "",
    ...("missing" in profile
      ? [`what a whole step spends its time on: not measured: ${profile.missing}`]
      : profileLines(profile, peak)),
  ].join("\n");
}

const peakText = (peak: number | null): string =>
  peak === null ? "" : `; the peak is taken to be ${decimals(peak)} GFLOP/s`;

const speedCells = ({ seconds, gflops, gigabytesPerSecond }: KernelSpeed): string[] => [
  decimals(seconds * 1000),
  gflops === null ? `${decimals(gigabytesPerSecond)} GB/s   ` : `${decimals(gflops)} GFLOP/s`,
];

const stockCells = ({ stock, ratio }: KernelReport): string[] =>
  stock && ratio !== null ? [...speedCells(stock), `${decimals(ratio)} ×`] : ["", "", ""];

const shareOf = (part: number | null, whole: number): string =>
  part === null ? "" : `${(100 * part / whole).toFixed(1)}%`;

/** The part of a step below which a kernel has no line of its own. */
const LEAST = 0.001;

function profileLines({ kernels, seconds }: StepProfile, peak: number | null): string[] {
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
        `${decimals(sum * 1000)} ms in kernels, ${
          decimals(seconds * 1000)
        } ms from the first to the last`
      : `one step of Rill's by the clock: ${decimals(sum * 1000)} ms in kernels, ${
        decimals(seconds * 1000)
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
        decimals(kernel.seconds * 1000),
        shareOf(kernel.seconds, sum),
        gflops(kernel) === null ? "" : decimals(gflops(kernel)!),
        ...peak === null ? [] : [shareOf(gflops(kernel), peak)],
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
        shareOf(rest.reduce((sum, { seconds }) => sum + seconds, 0), sum)
      } together`,
    ],
  ];
}
