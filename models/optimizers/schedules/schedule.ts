/**
 * Learning rates that change from step to step.
 *
 * @module
 */

import { checkSchedule } from "./_schedules.ts";

/**
 * A setting that changes with the steps: a pure function of the step's number, from 1; in mixed precision skipped steps aren't
 * counted. Where either is taken, a number is a schedule that never changes. Schedules compose as functions do:
 * `(step) => warmup(schedule, { steps: 100 })(step) * factor`.
 */
export type Schedule = (step: number) => number;

/**
 * Describes a setting that stays: PyTorch's `ConstantLR` with factor 1.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { constantSchedule, warmup } from "@rill/rill/models";
 *
 * const schedule = warmup(constantSchedule(6), { steps: 2 });
 * assertEquals([1, 2, 3, 4].map(schedule), [2, 4, 6, 6]);
 * ```
 *
 * @param value The value.
 * @returns The schedule.
 * @throws {RangeError} If the value isn't finite.
 */
export function constantSchedule(value: number): Schedule {
  checkSchedule("one value", { value: [value, "finite"] });
  return () => value;
}

/** The settings of `warmup`. */
export interface WarmupOptions {
  /** The number of steps before the schedule begins. */
  readonly steps: number;
  /** The share of the schedule's first value that the first step has; a third by default. */
  readonly start?: number;
}

/**
 * Puts linear warm-up in front of a schedule: with `W = steps` and the schedule's first value `s`, step `t` has
 * `s · (start + (1 - start) · (t - 1) / W)` up to `W`, and from then on what the schedule has at `t - W`. It is PyTorch's
 * `LinearLR(start, 1, W)` before another in `SequentialLR` with milestone `W`, stepped after each update.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adam, polynomialDecay, warmup } from "@rill/rill/models";
 *
 * const schedule = warmup(polynomialDecay({ peak: 8, steps: 2 }), { steps: 2, start: 0.5 });
 * assertEquals([1, 2, 3, 4, 5].map(schedule), [4, 6, 8, 4, 0]);
 * adam({ learningRate: schedule });
 * ```
 *
 * @param schedule The schedule.
 * @param options The settings.
 * @returns The schedule with warm-up.
 * @throws {RangeError} If a setting is out of range.
 */
export function warmup(schedule: Schedule, options: WarmupOptions): Schedule {
  const { steps, start = 1 / 3 } = options;
  checkSchedule("warm-up", { steps: [steps, "count"], start: [start, "share"] });
  return (step) =>
    step > steps
      ? schedule(step - steps)
      : schedule(1) * (start + (1 - start) * (step - 1) / steps);
}

/** The settings of `warmupDecay`. */
export interface WarmupDecayOptions {
  /** The highest value. */
  readonly peak: number;
  /** The number of steps that it takes to get there; 0 by default. */
  readonly warmupSteps?: number;
  /** The last step with a value above 0. Without it the value stays at its peak. */
  readonly steps?: number;
}

/**
 * Describes linear warm-up, then linear decay: `peak · t / W` for step `t` up to `W = warmupSteps`, then
 * `peak · (T + 1 - t) / (T + 1 - W)` up to `T = steps`. The first steps of a network whose layers haven't settled are the
 * dangerous ones (Goyal et al., 2017), and the last ones gain by being small.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adam, warmupDecay } from "@rill/rill/models";
 *
 * const schedule = warmupDecay({ peak: 8, warmupSteps: 2, steps: 5 });
 * assertEquals([1, 2, 3, 4, 5, 6].map(schedule), [4, 8, 6, 4, 2, 0]);
 * adam({ learningRate: schedule });
 * ```
 *
 * @param options The settings.
 * @returns The schedule.
 * @throws {RangeError} If a setting is out of range.
 */
export function warmupDecay(options: WarmupDecayOptions): Schedule {
  const { peak, warmupSteps: warmup = 0, steps = Infinity } = options;
  const areCounts = Number.isSafeInteger(warmup) && warmup >= 0 &&
    (steps === Infinity || (Number.isSafeInteger(steps) && steps >= warmup));
  if (!areCounts || !Number.isFinite(peak)) {
    throw new RangeError(
      `Cannot make a schedule with peak ${peak}, ${warmup} steps of warm-up and ${steps} in all: ` +
        "the peak must be finite, the steps integers, and the warm-up among them",
    );
  }
  return (step) => {
    if (step <= warmup) return peak * step / warmup;
    if (steps === Infinity) return peak;
    return peak * Math.max(0, steps + 1 - step) / (steps + 1 - warmup);
  };
}
