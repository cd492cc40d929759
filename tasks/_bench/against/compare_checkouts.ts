import { fileURLToPath, pathToFileURL } from "node:url";
import { geometricMean, median } from "../shared/statistics.ts";

/** The times of a checkout: seconds by the name of a row, and why other rows have none. */
export interface CheckoutFigures {
  readonly seconds: Readonly<Record<string, number>>;
  readonly missing: Readonly<Record<string, string>>;
}

/** Something of the checkout that begins, and of the one that follows. */
export type Pair<T> = readonly [first: T, second: T];

/** Measures two checkouts, each in new processes, those of one beside those of the other. */
export type MeasurePair = (checkouts: Pair<URL>) => Promise<Pair<CheckoutFigures>>;

/** Measures two checkouts one after the other. */
export const measureInTurn =
  (measure: (checkout: URL) => Promise<CheckoutFigures>): MeasurePair =>
  async (
    [first, second],
  ) => [
    await measure(first),
    await measure(second),
  ];

/** A comparison of two checkouts. A ratio above 1 means that this one is faster. */
export interface Comparison {
  /** The folder of the other checkout. */
  readonly against: string;
  readonly rounds: number;
  readonly rows: readonly ComparedRow[];
  /** Rows that one checkout or both lack, and why. */
  readonly missing: readonly { readonly name: string; readonly missing: string }[];
  /** The geometric mean of the rows' ratios. */
  readonly mean: number;
  /** Whether this checkout is as fast as the other by the bar. */
  readonly isAsFast: boolean;
}

/** A row that both checkouts have. */
export interface ComparedRow {
  readonly name: string;
  /** Seconds: of the middle one of the rounds. */
  readonly other: number;
  readonly own: number;
  /** The other's time divided by this one's, in the middle one of the rounds, and in all of them. */
  readonly ratio: number;
  readonly ratios: readonly number[];
}

/** The bar for "as fast as before": the least geometric mean, and the least ratio of a row. */
export const BAR = { mean: 0.97, row: 0.9 } as const;

/** This checkout. */
const OWN = new URL("../../../", import.meta.url);

/**
 * Measures this checkout and another one round by round, each time in new processes. Who begins changes from round to round, so that
 * whatever else the machine does meets both alike.
 *
 * @param path The other checkout's folder.
 * @param options How many rounds; what measures both once; and who takes a line about each round.
 * @returns The rows that both have, those that are missing in one, and whether the bar is met.
 * @throws {Error} When there is no checkout in that folder, or the two have no row in common.
 */
export async function compareCheckouts(
  path: string,
  { rounds, measure, note }: {
    readonly rounds: number;
    readonly measure: MeasurePair;
    readonly note: (line: string) => void;
  },
): Promise<Comparison> {
  const other = await findCheckout(path);
  const figures: { own: CheckoutFigures[]; other: CheckoutFigures[] } = { own: [], other: [] };
  for (let round = 1; round <= rounds; round++) {
    const start = performance.now();
    if (round % 2 === 1) {
      const [theirs, ours] = await measure([other, OWN]);
      figures.other.push(theirs);
      figures.own.push(ours);
    } else {
      const [ours, theirs] = await measure([OWN, other]);
      figures.own.push(ours);
      figures.other.push(theirs);
    }
    const seconds = (performance.now() - start) / 1000;
    note(`round ${round} of ${rounds}: both measured in ${seconds.toFixed(0)} s`);
  }
  return compareFigures(figures, fileURLToPath(other));
}

/** Compares what was measured round by round. */
export function compareFigures(
  figures: { readonly own: readonly CheckoutFigures[]; readonly other: readonly CheckoutFigures[] },
  against: string,
): Comparison {
  const { own, other } = figures;
  const all = [...own, ...other];
  const names = [
    ...new Set(all.flatMap(({ seconds, missing }) => [seconds, missing].flatMap(Object.keys))),
  ];
  const secondsOf = (of: readonly CheckoutFigures[], name: string) =>
    of.flatMap(({ seconds }) => seconds[name] ?? []);
  const rows: ComparedRow[] = [];
  const missing: { name: string; missing: string }[] = [];
  for (const name of names) {
    const [ours, theirs] = [secondsOf(own, name), secondsOf(other, name)];
    if (ours.length === own.length && theirs.length === other.length) {
      const ratios = theirs.map((seconds, i) => seconds / ours[i]!);
      rows.push({ name, other: median(theirs), own: median(ours), ratio: median(ratios), ratios });
    } else {
      const lacking = [
        ...ours.length < own.length ? [`this checkout: ${findReason(own, name)}`] : [],
        ...theirs.length < other.length ? [`the other: ${findReason(other, name)}`] : [],
      ];
      missing.push({ name, missing: lacking.join("; ") });
    }
  }
  if (rows.length === 0) {
    const reasons = missing.map(({ name, missing }) => `${name} (${missing})`).join(", ");
    throw new Error(`Cannot compare with ${against}: no row was measured in both; ${reasons}`);
  }
  const mean = geometricMean(rows.map(({ ratio }) => ratio));
  return {
    against,
    rounds: own.length,
    rows,
    missing,
    mean,
    isAsFast: mean >= BAR.mean && rows.every(({ ratio }) => ratio >= BAR.row),
  };
}

const findReason = (figures: readonly CheckoutFigures[], name: string): string =>
  figures.map(({ missing }) => missing[name]).find((reason) => reason !== undefined) ??
    "it has no such row";

/** The address of a checkout, which has a program to measure it. */
async function findCheckout(path: string): Promise<URL> {
  const refuse = (why: string) => new Error(`Cannot compare with ${path}: ${why}`);
  let folder: string;
  try {
    folder = await Deno.realPath(path);
  } catch {
    throw refuse("there is no such folder");
  }
  const url = pathToFileURL(`${folder}/`);
  const isFile = await Deno.stat(new URL("tasks/bench.ts", url)).then((info) => info.isFile)
    .catch(() => false);
  if (!isFile) throw refuse("it is no checkout: it has no tasks/bench.ts");
  return url;
}
