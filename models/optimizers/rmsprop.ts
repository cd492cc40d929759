/**
 * The RMSprop optimizer.
 *
 * @module
 */

import * as ops from "../ops/mod.ts";
import { fuse } from "./_fused_rules.ts";
import { checkSettings } from "./_settings.ts";
import type { Optimizer } from "./optimizer.ts";
import { optimizerOf } from "./optimizer_of.ts";
import type { Schedule } from "./schedules/schedule.ts";
import { weightDecay as decayBy } from "./weight_decay.ts";

export type { Optimizer, OptimizerState } from "./optimizer.ts";
export type { Schedule } from "./schedules/schedule.ts";

/** The settings of `rmsprop`. */
export interface RmspropOptions {
  /** The step size, or how it changes from update to update; 0.01 by default. */
  readonly learningRate?: number | Schedule;
  /** Decay of the running mean of the squared gradient; 0.99 by default. */
  readonly alpha?: number;
  /** The number added to the denominator; 1e-8 by default. */
  readonly epsilon?: number;
  /** Decay of the running sum of steps; 0 by default, which keeps no sum. */
  readonly momentum?: number;
  /** Whether gradients are divided by their standard deviation (Graves, 2013) rather than by their root mean square. */
  readonly centered?: boolean;
  /** PyTorch's `weight_decay`: so much of the parameter is added to its gradient; none by default. See `weightDecay`. */
  readonly weightDecay?: number;
}

/**
 * Describes RMSprop (Hinton, 2012): `s = αs + (1-α)g²`, `p -= lr · g / (√s + ε)`; centered with `a = αa + (1-α)g` and `√(s - a²)`;
 * with momentum `b = momentum · b + g / (√s + ε)`, `p -= lr · b`. PyTorch's `RMSprop`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rmsprop } from "@rill/rill/models";
 *
 * assertEquals(rmsprop().rule.slots, { square: 0 });
 * assertEquals(rmsprop({ centered: true, momentum: 0.9 }).rule.slots, { square: 0, mean: 0, momentum: 0 });
 * ```
 *
 * @param options The settings.
 * @returns The optimizer.
 * @throws {RangeError} If a setting is out of range.
 */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  const { learningRate = 0.01, alpha = 0.99, epsilon = 1e-8, momentum = 0 } = options;
  const { centered = false, weightDecay } = options;
  checkSettings("rmsprop", { alpha, momentum }, 1);
  checkSettings("rmsprop", { epsilon });
  const rule = fuse<string>({
    name: "rmsprop",
    settings: { alpha, epsilon, momentum, ...centered && { centered: 1 } },
    slots: { square: 0, ...centered && { mean: 0 }, ...momentum > 0 && { momentum: 0 } },
    update({ parameter, gradient, ...slots }, { learningRate }) {
      const follow = (slot: string, x: typeof gradient) =>
        ops.add(ops.multiply(slots[slot]!, alpha), ops.multiply(x, 1 - alpha));
      const square = follow("square", ops.square(gradient));
      const mean = centered && follow("mean", gradient);
      const variance = mean ? ops.maximum(ops.subtract(square, ops.square(mean)), 0) : square;
      const step = ops.divide(gradient, ops.add(ops.sqrt(variance), epsilon));
      const sum = momentum > 0 && ops.add(ops.multiply(slots.momentum!, momentum), step);
      return {
        parameter: ops.subtract(parameter, ops.multiply(sum || step, learningRate)),
        square,
        ...mean && { mean },
        ...sum && { momentum: sum },
      };
    },
  }, {
    rule: "rmsprop",
    settings: { alpha, rest: 1 - alpha, epsilon, momentum },
    number: (_, rate) => ({ rate }),
  });
  const optimizer = optimizerOf(rule, learningRate);
  return weightDecay === undefined ? optimizer : decayBy(weightDecay)(optimizer);
}
