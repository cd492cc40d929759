// How long the ranks of a run compute in its steps, without their exchanging numbers and waiting for each other.
import type { StepTimes } from "../../../models/mod.ts";

/** The times of several ranks, in seconds for a step. */
export interface RankTimes {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /** The rank that took the longest. */
  readonly slowest: number;
}

/** Gathers the times of ranks. */
export interface RankClock {
  /** Takes the times of a step. */
  take(times: StepTimes): void;
  /** Gives the means over the steps since it was asked before; undefined if there were none. */
  read(): RankTimes | undefined;
  /** Describes a rank that was slow in the last steps; undefined if there is none, or they are too few, or it was told of before. */
  describeSlow(): string | undefined;
  /** Describes the times of all steps; undefined if there were none. */
  describe(): string | undefined;
}

/** The number of steps after which a rank may be called slow. */
const STEPS = 20;

/** How many times as long as the median a slow rank computes. */
const SLOW = 1.5;

/** Creates the clock of ranks on such hosts. */
export function createRankClock(hosts: readonly string[]): RankClock {
  const named = new Set<number>();
  const [logged, watched, all] = [1, 2, 3].map(() => createSums(hosts.length));
  let whole = 0;
  return {
    take(times) {
      for (const sums of [logged!, watched!, all!]) sums.add(times.busy);
      whole += times.whole;
    },
    read: logged!.take,
    describeSlow() {
      if (watched!.steps < STEPS) return undefined;
      const { max, median, slowest } = watched!.take()!;
      if (max < SLOW * median || named.has(slowest)) return undefined;
      named.add(slowest);
      return `slow: rank ${slowest}, on ${hosts[slowest]}, computes ${
        (max / median).toFixed(1)
      } times as long as the median of the ranks, and all wait for it`;
    },
    describe() {
      const { steps } = all!;
      const times = all!.take();
      if (!times) return undefined;
      const { min, max, slowest } = times;
      return `ranks: of ${(whole / steps).toFixed(3)} s a step they computed ${min.toFixed(3)} to ${
        max.toFixed(3)
      } s, rank ${slowest}, on ${hosts[slowest]}, the longest; the rest was exchange and waiting`;
    },
  };
}

function createSums(ranks: number) {
  const sums = new Float64Array(ranks);
  let steps = 0;
  return {
    get steps() {
      return steps;
    },
    add(busy: readonly number[]) {
      for (const [rank, seconds] of busy.entries()) sums[rank]! += seconds;
      steps++;
    },
    take(): RankTimes | undefined {
      if (steps === 0) return undefined;
      const means = [...sums].map((sum) => sum / steps);
      sums.fill(0);
      steps = 0;
      const inOrder = means.toSorted((a, b) => a - b);
      const max = inOrder.at(-1)!;
      const middle = inOrder.length >> 1;
      const median = inOrder.length % 2 === 1
        ? inOrder[middle]!
        : (inOrder[middle - 1]! + inOrder[middle]!) / 2;
      return { min: inOrder[0]!, median, max, slowest: means.indexOf(max) };
    },
  };
}
