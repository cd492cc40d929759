import { table } from "../_text/table.ts";
import type { FuzzTally } from "./run_fuzz.ts";

/** What became of each decoder's inputs, as a table. */
export function fuzzText(tallies: readonly FuzzTally[]): string {
  return table([
    ["decoder", "runs", "read", "refused", "runs/s"],
    ...tallies.map(({ name, runs, read, refused, seconds }) => [
      name,
      runs,
      read,
      refused,
      perSecond(runs, seconds),
    ]),
  ]).join("\n");
}

/** How many runs there were in a second. */
export const perSecond = (runs: number, seconds: number): number =>
  seconds > 0 ? Math.round(runs / seconds) : 0;
