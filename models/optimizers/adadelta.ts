/**
 * The Adadelta optimizer.
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

/** The settings of `adadelta`. */
export interface AdadeltaOptions {
  /** By what a step is multiplied, or how that changes from update to update; 1 by default. */
  readonly learningRate?: number | Schedule;
  /** Decay of the running means of squared gradients and squared steps; 0.9 by default. */
  readonly rho?: number;
  /** The number added under the roots; 1e-6 by default. */
  readonly epsilon?: number;
  /** PyTorch's `weight_decay`: so much of the parameter is added to its gradient; none by default. See `weightDecay`. */
  readonly weightDecay?: number;
}

/**
 * Describes Adadelta (Zeiler, 2012): `s = ρs + (1-ρ)g²`, `d = √(u + ε) / √(s + ε) · g`, `u = ρu + (1-ρ)d²`, `p -= lr · d`. PyTorch's
 * `Adadelta`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adadelta } from "@rill/rill/models";
 *
 * assertEquals(adadelta().rule.slots, { square: 0, delta: 0 });
 * ```
 *
 * @param options The settings.
 * @returns The optimizer.
 * @throws {RangeError} If a setting is out of range.
 */
export function adadelta(options: AdadeltaOptions = {}): Optimizer {
  const { learningRate = 1, rho = 0.9, epsilon = 1e-6, weightDecay } = options;
  checkSettings("adadelta", { rho }, 1);
  checkSettings("adadelta", { epsilon });
  const rule = fuse({
    name: "adadelta",
    settings: { rho, epsilon },
    slots: { square: 0, delta: 0 },
    update({ parameter, gradient, ...before }, { learningRate }) {
      const follow = (mean: typeof gradient, x: typeof gradient) =>
        ops.add(ops.multiply(mean, rho), ops.multiply(ops.square(x), 1 - rho));
      const root = (x: typeof gradient) => ops.sqrt(ops.add(x, epsilon));
      const square = follow(before.square, gradient);
      const step = ops.multiply(ops.divide(root(before.delta), root(square)), gradient);
      return {
        parameter: ops.subtract(parameter, ops.multiply(step, learningRate)),
        square,
        delta: follow(before.delta, step),
      };
    },
  }, {
    rule: "adadelta",
    settings: { rho, rest: 1 - rho, epsilon },
    number: (_, rate) => ({ rate }),
  });
  const optimizer = optimizerOf(rule, learningRate);
  return weightDecay === undefined ? optimizer : decayBy(weightDecay)(optimizer);
}
