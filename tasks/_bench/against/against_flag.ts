import { type Flag, pathFlag } from "../../_cli/flags.ts";
import { BAR, compareCheckouts, type MeasurePair } from "./compare_checkouts.ts";
import { formatComparison } from "./format_comparison.ts";

/** The flag that names another checkout to compare with. */
export const against: Flag<string> = pathFlag({
  placeholder: "CHECKOUT",
  help:
    "Compare the times with those of another checkout of Rill, an older one say, in turn. Ends with code 1 if this one is " +
    `slower: if the geometric mean of the rows' ratios is below ${BAR.mean} or a row's below ${BAR.row}`,
  shownDefault: "none",
});

/** Options of a comparison: its rounds, whether it is printed as JSON, and what measures both. */
export interface ComparisonOptions {
  readonly rounds?: number | undefined;
  readonly json?: boolean | undefined;
  readonly measure: MeasurePair;
}

/**
 * Compares this checkout with another, and prints the comparison.
 *
 * @returns The exit code: 0 if this checkout is as fast as the other by the bar, else 1.
 */
export async function runComparison(
  path: string,
  { rounds = ROUNDS, json, measure }: ComparisonOptions,
): Promise<number> {
  const note = (line: string) => console.error(line);
  const comparison = await compareCheckouts(path, { rounds, measure, note });
  console.log(json ? JSON.stringify(comparison) : formatComparison(comparison));
  return comparison.isAsFast ? 0 : 1;
}

/** Rounds of a comparison by default. */
export const ROUNDS = 7;
