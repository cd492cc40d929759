/**
 * Learning rates that fall by a polynomial.
 *
 * @module
 */

import { checkSchedule } from "./_schedules.ts";
import type { Schedule } from "./schedule.ts";

export type { Schedule } from "./schedule.ts";

/** The settings of `polynomialDecay`. */
export interface PolynomialDecayOptions {
  /** The first value. */
  readonly peak: number;
  /** The last value; 0 by default. */
  readonly end?: number;
  /** The number of steps that it takes to get there. */
  readonly steps: number;
  /** The polynomial's power; 1 by default, a straight line. */
  readonly power?: number;
}

/**
 * Describes polynomial decay: with `T = steps`, `end + (peak - end) · (1 - (t - 1) / T)^power` at step `t`, up to `T + 1`, and `end` from
 * there on. With `end` 0 it is PyTorch's `PolynomialLR(T, power)`, stepped after each update: step 1 has the peak.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { polynomialDecay, sgd } from "@rill/rill/models";
 *
 * const schedule = polynomialDecay({ peak: 8, steps: 4, power: 2 });
 * assertEquals([1, 2, 3, 4, 5, 6].map(schedule), [8, 4.5, 2, 0.5, 0, 0]);
 * sgd({ learningRate: schedule });
 * ```
 *
 * @param options The settings.
 * @returns The schedule.
 * @throws {RangeError} If a setting is out of range.
 */
export function polynomialDecay(options: PolynomialDecayOptions): Schedule {
  const { peak, end = 0, steps, power = 1 } = options;
  checkSchedule("polynomial decay", {
    peak: [peak, "finite"],
    end: [end, "finite"],
    steps: [steps, "count"],
    power: [power, "positive"],
  });
  return (step) => end + (peak - end) * Math.max(0, 1 - (step - 1) / steps) ** power;
}
