import { path } from "../../_cli/flags.ts";
import type { Flag } from "../../_cli/flag.ts";
import { BAR, compareCheckouts, type MeasurePair } from "./compare_checkouts.ts";
import { formatComparison } from "./format_comparison.ts";

/** The flag that names another checkout to compare with. */
export const against: Flag<string> = path({
  placeholder: "CHECKOUT",
  help:
    "Compare the times with those of another checkout of Rill, an older one say, in turn. Ends with code 1 if this one is " +
    `slower: if the geometric mean of the rows' ratios is below ${BAR.mean} or a row's below ${BAR.row}`,
  shownDefault: "none",
});

/** What is needed to compare: how often, what measures both, and how to print it. */
export interface ComparisonOptions {
  readonly rounds?: number | undefined;
  readonly json?: boolean | undefined;
  readonly measure: MeasurePair;
}

/** Compares this checkout with another and prints it. Returns the exit code. */
export async function runComparison(
  path: string,
  { rounds = ROUNDS, json, measure }: ComparisonOptions,
): Promise<number> {
  const note = (line: string) => console.error(line);
  const comparison = await compareCheckouts(path, { rounds, measure, note });
  console.log(json ? JSON.stringify(comparison) : formatComparison(comparison));
  return comparison.isAsFast ? 0 : 1;
}

/** How often both checkouts are measured where nothing is said. */
export const ROUNDS = 7;
