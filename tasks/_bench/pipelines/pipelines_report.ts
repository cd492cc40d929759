import { formatTable } from "../../_text/format.ts";
import type { Absentee } from "../shared/absentee.ts";
import { formatMachine, type Machine } from "../shared/report.ts";
import type { MemoryFigures } from "./measure_memory.ts";
import type { StageFigures } from "./measure_stages.ts";

/** The report of `deno task bench pipelines`, as `--json` prints it. */
export interface PipelinesReport {
  readonly machine: Machine;
  /** Rounds in which everything was measured. */
  readonly rounds: number;
  /** For the size to resize to, and for that of the stored images. */
  readonly loads: readonly { readonly side: number; readonly loaders: readonly LoaderReport[] }[];
  /** Contestants that could not be measured. */
  readonly missing: readonly Absentee[];
  /** Images in the epoch whose memory was measured, and their side. */
  readonly images: number;
  readonly side: number;
  readonly memory: readonly ({ readonly name: string } & MemoryFigures)[];
  readonly stages: readonly StageFigures[];
}

/** The speed of a loader. */
export interface LoaderReport {
  readonly name: string;
  readonly about: string;
  /** Images in a run. */
  readonly images: number;
  /** The middle one of the runs. */
  readonly imagesPerSecond: number;
  readonly runs: readonly number[];
  /** The speed of the first of them as a multiple of this one's, in the middle one of the rounds. */
  readonly ratio: number;
}

/** Shows a report as tables. */
export function formatPipelinesReport(
  { machine, rounds, loads, missing, images, side, memory, stages }: PipelinesReport,
): string {
  const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20);
  return [
    `${
      formatMachine(machine)
    }; medians of ${rounds} runs in turn; shuffled, normalized, batches of 128, one thread`,
    ...loads.flatMap(({ side, loaders }) => [
      "",
      ...formatTable([
        [`28 × 28 bytes to ${side} × ${side} floats`, "images/s", "the first is faster by", "with"],
        ...loaders.map(({ name, about, imagesPerSecond, ratio }) => [
          name,
          Math.round(imagesPerSecond),
          `${ratio.toFixed(1)} ×`.padStart(22),
          about,
        ]),
        ...missing.map(({ name, missing }) => [name, "", "", `not measured: ${missing}`]),
      ]),
    ]),
    "",
    ...formatTable([
      [
        `${images.toLocaleString("en-US")} images at ${side} × ${side}`,
        "MB before",
        "MB at most",
        "of the process",
      ],
      ...memory.map(({ name, before, sampled, process }) => [
        name,
        megabytes(before),
        megabytes(sampled),
        megabytes(process),
      ]),
    ]),
    "",
    ...formatTable([
      ["stage that does nothing", "µs per item"],
      ...stages.map(({ name, microseconds }) => [name, microseconds.toFixed(3).padStart(11)]),
    ]),
  ].join("\n");
}
