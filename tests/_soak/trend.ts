/** A quantity over time. */
export interface Series {
  readonly name: string;
  readonly unit: string;
  /** When it was measured, in seconds or steps. */
  readonly at: readonly number[];
  readonly values: readonly number[];
  /** The change over the series that is none, as a share of its median. */
  readonly share: number;
  /** The change that is none, in its own unit, where that is more. */
  readonly least: number;
  /** What stands for several values in a row: memory that garbage is collected of has its least after a collection. */
  readonly summary: "mean" | "least";
  /** Which change is bad: memory that grows, or speed that falls. */
  readonly bad: "growth" | "fall";
}

/** What became of a quantity. */
export interface Trend {
  readonly median: number;
  /** The change over the whole series, by the slope. */
  readonly change: number;
  /** The bounds of 95 % for that. */
  readonly bounds: readonly [low: number, high: number];
  /** The most change that is none. */
  readonly allowed: number;
  /** Whether it changes for the worse beyond what is noise and what is allowed. */
  readonly isBad: boolean;
}

/** The number of series that are drawn from one to see how much of its slope is noise. */
const DRAWS = 200;

/** The most values of a series whose slopes are compared in pairs. The least of some takes more of them: a collection's interval. */
const POINTS = { mean: 100, least: 20 };

/**
 * Fits a line to a series and tells whether it changes.
 *
 * The slope is that of Theil and Sen, the median of the slopes of all pairs, which a few outliers (a collection of garbage, a busy
 * machine) don't move. How much of it is noise is told by a bootstrap of blocks: values close in time depend on one another, so
 * pieces of the series, as long as the root of its length, are put together anew. It is bad where the whole interval of 95 % is on
 * the bad side of zero, and the change is more than is allowed.
 */
export function findTrend({ at, values, share, least, summary, bad }: Series): Trend {
  const [x, y] = shorten(at, values, summary);
  const length = x.length > 1 ? x.at(-1)! - x[0]! : 0;
  const slope = findSlope(x, y);
  const median = findMedian(values);
  // What is left without the line is drawn again and added to it.
  const rest = y.map((value, i) => value - slope * (x[i]! - x[0]!));
  const random = createRandom(1);
  const changes = Array.from({ length: DRAWS }, () => {
    const drawn = drawBlocks(rest, random);
    return findSlope(x, drawn.map((value, i) => value + slope * (x[i]! - x[0]!))) * length;
  }).sort((a, b) => a - b);
  const bounds = [
    changes[Math.floor(0.025 * DRAWS)] ?? 0,
    changes[Math.ceil(0.975 * DRAWS) - 1] ?? 0,
  ] as const;
  const change = slope * length;
  const allowed = Math.max(share * Math.abs(median), least);
  const isBad = bad === "growth"
    ? bounds[0] > 0 && change > allowed
    : bounds[1] < 0 && -change > allowed;
  return { median, change, bounds, allowed, isBad };
}

/** The median of the slopes of all pairs. */
function findSlope(x: readonly number[], y: readonly number[]): number {
  const slopes: number[] = [];
  for (let i = 0; i < x.length; i++) {
    for (let j = i + 1; j < x.length; j++) {
      if (x[j] !== x[i]) slopes.push((y[j]! - y[i]!) / (x[j]! - x[i]!));
    }
  }
  return findMedian(slopes);
}

/** The median; 0 of nothing. */
export function findMedian(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Puts one value in the place of neighbors until there are few enough. */
function shorten(
  at: readonly number[],
  values: readonly number[],
  summary: Series["summary"],
): [readonly number[], readonly number[]] {
  const size = Math.ceil(at.length / POINTS[summary]);
  if (size <= 1) return [at, values];
  const mean = (part: readonly number[]) => part.reduce((sum, n) => sum + n, 0) / part.length;
  const least = (part: readonly number[]) => Math.min(...part);
  const each = (of: readonly number[], take: (part: readonly number[]) => number) =>
    Array.from(
      { length: Math.ceil(of.length / size) },
      (_, i) => take(of.slice(i * size, (i + 1) * size)),
    );
  return [each(at, mean), each(values, summary === "mean" ? mean : least)];
}

/** Puts pieces of a series together to one of its length. */
function drawBlocks(values: readonly number[], random: () => number): number[] {
  const size = Math.max(1, Math.round(Math.sqrt(values.length)));
  const drawn: number[] = [];
  while (drawn.length < values.length) {
    const from = Math.floor(random() * (values.length - size + 1));
    drawn.push(...values.slice(from, from + size));
  }
  return drawn.slice(0, values.length);
}

/** Makes numbers from 0 to 1, by a seed: a verdict is to be the same each time. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
