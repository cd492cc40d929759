import { formatTable } from "../_text/format.ts";
import type { FuzzTally } from "./run_fuzz.ts";

/** Formats the outcomes of each decoder as a table. */
export function formatTallies(tallies: readonly FuzzTally[]): string {
  return formatTable([
    ["decoder", "runs", "read", "refused", "runs/s"],
    ...tallies.map(({ name, runs, read, refused, seconds }) => [
      name,
      runs,
      read,
      refused,
      computeRate(runs, seconds),
    ]),
  ]).join("\n");
}

/** Computes the runs in a second. */
export const computeRate = (runs: number, seconds: number): number =>
  seconds > 0 ? Math.round(runs / seconds) : 0;
