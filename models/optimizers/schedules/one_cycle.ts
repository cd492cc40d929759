/**
 * Learning rates that rise and fall once.
 *
 * @module
 */

import { checkSchedule, interpolateByCosine } from "./_schedules.ts";
import type { Schedule } from "./schedule.ts";

export type { Schedule } from "./schedule.ts";

/** The settings of `oneCycle`. */
export interface OneCycleOptions {
  /** The highest value. */
  readonly peak: number;
  /** The number of all steps. */
  readonly steps: number;
  /** The share of the steps in which it rises; 0.3 by default. */
  readonly rise?: number;
  /** By what the peak is divided for the first value; 25 by default. */
  readonly startDivisor?: number;
  /** By what the first value is divided for the last one; 10,000 by default. */
  readonly endDivisor?: number;
  /** Whether it goes by half a cosine or along a straight line; `"cosine"` by default. */
  readonly shape?: "cosine" | "linear";
}

/**
 * Describes one cycle (Smith and Topin, 2018): from `peak / startDivisor` at step 1 to `peak` at step `rise · steps`, and from there to
 * `peak / startDivisor / endDivisor` at step `steps`, where it stays. It is PyTorch's `OneCycleLR(peak, steps)` without its cycle of
 * momentum, stepped after each update (which refuses to go on after that).
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { oneCycle, sgd } from "@rill/rill/models";
 *
 * const schedule = oneCycle({ peak: 8, steps: 9, rise: 1 / 3, startDivisor: 2, shape: "linear" });
 * assertEquals([1, 2, 3].map(schedule), [4, 6, 8]);
 * sgd({ learningRate: schedule, momentum: 0.9 });
 * ```
 *
 * @param options The settings.
 * @returns The schedule.
 * @throws {RangeError} If a setting is out of range.
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const { peak, steps, rise = 0.3, startDivisor = 25, endDivisor = 1e4, shape = "cosine" } =
    options;
  checkSchedule("one cycle", {
    peak: [peak, "finite"],
    steps: [steps, "count"],
    rise: [rise, "share"],
    startDivisor: [startDivisor, "positive"],
    endDivisor: [endDivisor, "positive"],
  });
  const start = peak / startDivisor;
  const end = start / endDivisor;
  const top = rise * steps - 1;
  const go = (from: number, to: number, share: number) =>
    shape === "linear" ? from + (to - from) * share : interpolateByCosine(from, to, share);
  return (step) => {
    const at = Math.min(step, steps) - 1;
    return at <= top
      ? go(start, peak, top > 0 ? at / top : 1)
      : go(peak, end, steps - 1 > top ? (at - top) / (steps - 1 - top) : 1);
  };
}
