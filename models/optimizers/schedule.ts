/**
 * Learning rates that change from step to step.
 *
 * @module
 */

/**
 * A setting that changes with the steps: a pure function of the step's number, from 1; in mixed precision skipped steps aren't
 * counted. Where either is taken, a number is a schedule that never changes.
 */
export type Schedule = (step: number) => number;

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
