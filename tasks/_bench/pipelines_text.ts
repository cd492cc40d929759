import { formatTable } from "../_text/format.ts";
import type { PipelinesReport } from "./pipelines_report.ts";

/** The report as tables. */
export function pipelinesText(
  { machine, rounds, loads, missing, images, side, memory, stages }: PipelinesReport,
): string {
  const { os, arch, cores } = machine;
  const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20);
  return [
    `${os} ${arch}, ${cores} cores; medians of ${rounds} runs in turn; shuffled, normalised, batches of 128, one thread`,
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
