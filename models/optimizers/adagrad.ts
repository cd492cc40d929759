/**
 * The Adagrad optimizer.
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

/** The settings of `adagrad`. */
export interface AdagradOptions {
  /** The step size, or how it changes from update to update; 0.01 by default. */
  readonly learningRate?: number | Schedule;
  /** How the step size shrinks: at update `t` it is divided by `1 + (t - 1) · learningRateDecay`; 0 by default. */
  readonly learningRateDecay?: number;
  /** What the sum of squares begins with; 0 by default. */
  readonly initialSum?: number;
  /** The number added to the denominator; 1e-10 by default. */
  readonly epsilon?: number;
  /** PyTorch's `weight_decay`: so much of the parameter is added to its gradient; none by default. See `weightDecay`. */
  readonly weightDecay?: number;
}

/**
 * Describes Adagrad (Duchi et al., 2011): `s = s + g²`, `p -= lr · g / (√s + ε)`. PyTorch's `Adagrad`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adagrad } from "@rill/rill/models";
 *
 * assertEquals(adagrad({ initialSum: 0.1 }).rule.slots, { sum: 0.1 });
 * ```
 *
 * @param options The settings.
 * @returns The optimizer.
 * @throws {RangeError} If a setting is out of range.
 */
export function adagrad(options: AdagradOptions = {}): Optimizer {
  const { learningRate = 0.01, learningRateDecay = 0, initialSum = 0, epsilon = 1e-10 } = options;
  const { weightDecay } = options;
  checkSettings("adagrad", { learningRateDecay, initialSum, epsilon });
  const rateOf = (step: number, learningRate: number) =>
    learningRate / (1 + (step - 1) * learningRateDecay);
  const rule = fuse({
    name: "adagrad",
    settings: { learningRateDecay, initialSum, epsilon },
    slots: { sum: initialSum },
    update({ parameter, gradient, sum: before }, { step, learningRate }) {
      const sum = ops.add(before, ops.square(gradient));
      const change = ops.divide(gradient, ops.add(ops.sqrt(sum), epsilon));
      return {
        parameter: ops.subtract(parameter, ops.multiply(change, rateOf(step, learningRate))),
        sum,
      };
    },
  }, {
    rule: "adagrad",
    settings: { epsilon },
    number: (step, learningRate) => ({ rate: rateOf(step, learningRate) }),
  });
  const optimizer = optimizerOf(rule, learningRate);
  return weightDecay === undefined ? optimizer : decayBy(weightDecay)(optimizer);
}
