/**
 * Learning rates that fall by a cosine.
 *
 * @module
 */

import { checkSchedule, interpolateByCosine } from "./_schedules.ts";
import type { Schedule } from "./schedule.ts";

export type { Schedule } from "./schedule.ts";

/** The settings of `cosineDecay`. */
export interface CosineDecayOptions {
  /** The first value. */
  readonly peak: number;
  /** The last value; 0 by default. */
  readonly end?: number;
  /** The number of steps that it takes to get there. */
  readonly steps: number;
}

/** The settings of `cosineRestarts`. */
export interface CosineRestartsOptions {
  /** The first value, and that after each restart. */
  readonly peak: number;
  /** The value that each decay goes to; 0 by default. */
  readonly end?: number;
  /** The number of steps before the first restart. */
  readonly steps: number;
  /** By what the number of steps is multiplied at each restart; 1 by default. */
  readonly factor?: number;
}

/**
 * Describes decay by half a cosine (Loshchilov and Hutter, 2017): with `T = steps`,
 * `end + (peak - end) · (1 + cos(π · (t - 1) / T)) / 2` at step `t`, up to `T + 1`, and `end` from there on. It is PyTorch's
 * `CosineAnnealingLR(T, end)`, stepped after each update (which rises again after that): step 1 has the peak, and step `T`, the last
 * of a training of so many steps, is not quite at the end.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adam, cosineDecay, warmup } from "@rill/rill/models";
 *
 * const schedule = cosineDecay({ peak: 8, steps: 2 });
 * assertEquals([1, 2, 3, 4].map((step) => Math.round(schedule(step))), [8, 4, 0, 0]);
 * adam({ learningRate: warmup(schedule, { steps: 5 }) });
 * ```
 *
 * @param options The settings.
 * @returns The schedule.
 * @throws {RangeError} If a setting is out of range.
 */
export function cosineDecay(options: CosineDecayOptions): Schedule {
  const { peak, end = 0, steps } = options;
  checkSchedule("a cosine", {
    peak: [peak, "finite"],
    end: [end, "finite"],
    steps: [steps, "count"],
  });
  return (step) => interpolateByCosine(peak, end, Math.min(1, (step - 1) / steps));
}

/**
 * Describes decay by half a cosine that begins anew again and again (Loshchilov and Hutter, 2017): first after `steps` steps, then
 * after `factor` times as many. It is PyTorch's `CosineAnnealingWarmRestarts(steps, factor, end)`, stepped after each update: step 1
 * and step `steps + 1` have the peak.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cosineRestarts } from "@rill/rill/models";
 *
 * const schedule = cosineRestarts({ peak: 8, steps: 2, factor: 2 });
 * assertEquals([1, 2, 3, 5, 7].map((step) => Math.round(schedule(step))), [8, 4, 8, 4, 8]);
 * ```
 *
 * @param options The settings.
 * @returns The schedule.
 * @throws {RangeError} If a setting is out of range.
 */
export function cosineRestarts(options: CosineRestartsOptions): Schedule {
  const { peak, end = 0, steps, factor = 1 } = options;
  checkSchedule("cosines", {
    peak: [peak, "finite"],
    end: [end, "finite"],
    steps: [steps, "count"],
    factor: [factor, "count"],
  });
  return (step) => {
    let since = step - 1;
    let length = steps;
    if (factor === 1) since %= steps;
    else {
      for (; since >= length; length *= factor) since -= length;
    }
    return interpolateByCosine(peak, end, since / length);
  };
}
