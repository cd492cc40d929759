/**
 * Learning rates that fall in steps.
 *
 * @module
 */

import { checkSchedule } from "./_schedules.ts";
import type { Schedule } from "./schedule.ts";

export type { Schedule } from "./schedule.ts";

/** The settings of `stepDecay`. */
export interface StepDecayOptions {
  /** The first value. */
  readonly peak: number;
  /** The number of steps after which it falls, again and again. */
  readonly every: number;
  /** By what it is multiplied then; 0.1 by default. */
  readonly factor?: number;
}

/**
 * Describes decay in steps: `peak · factor^⌊(t - 1) / every⌋` at step `t`. It is PyTorch's `StepLR(every, factor)`, stepped after each
 * update: steps 1 to `every` have the peak.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sgd, stepDecay } from "@rill/rill/models";
 *
 * const schedule = stepDecay({ peak: 8, every: 2, factor: 0.5 });
 * assertEquals([1, 2, 3, 4, 5].map(schedule), [8, 8, 4, 4, 2]);
 * sgd({ learningRate: schedule });
 * ```
 *
 * @param options The settings.
 * @returns The schedule.
 * @throws {RangeError} If a setting is out of range.
 */
export function stepDecay(options: StepDecayOptions): Schedule {
  const { peak, every, factor = 0.1 } = options;
  checkSchedule("steps", {
    peak: [peak, "finite"],
    every: [every, "count"],
    factor: [factor, "finite"],
  });
  return (step) => peak * factor ** Math.floor((step - 1) / every);
}
