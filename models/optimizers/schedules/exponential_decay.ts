/**
 * Learning rates that fall exponentially.
 *
 * @module
 */

import { checkSchedule } from "./_schedules.ts";
import type { Schedule } from "./schedule.ts";

export type { Schedule } from "./schedule.ts";

/** The settings of `exponentialDecay`. */
export interface ExponentialDecayOptions {
  /** The first value. */
  readonly peak: number;
  /** By what it is multiplied at each step. */
  readonly factor: number;
}

/**
 * Describes exponential decay: `peak · factor^(t - 1)` at step `t`. It is PyTorch's `ExponentialLR(factor)`, stepped after each update:
 * step 1 has the peak.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { exponentialDecay, sgd } from "@rill/rill/models";
 *
 * const schedule = exponentialDecay({ peak: 8, factor: 0.5 });
 * assertEquals([1, 2, 3].map(schedule), [8, 4, 2]);
 * sgd({ learningRate: schedule });
 * ```
 *
 * @param options The settings.
 * @returns The schedule.
 * @throws {RangeError} If a setting is out of range.
 */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  const { peak, factor } = options;
  checkSchedule("exponential decay", { peak: [peak, "finite"], factor: [factor, "positive"] });
  return (step) => peak * factor ** (step - 1);
}
