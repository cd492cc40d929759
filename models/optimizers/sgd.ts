/**
 * Stochastic gradient descent.
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

/** The settings of `sgd`. */
export interface SgdOptions {
  /** The step size, or how it changes from update to update; 0.01 by default. */
  readonly learningRate?: number | Schedule;
  /** Decay of the running sum of gradients; 0 by default, which keeps no sum. */
  readonly momentum?: number;
  /** By how much less than 1 a gradient is multiplied that is added to the running sum, from the second on; 0 by default. */
  readonly dampening?: number;
  /** Whether the step is of the gradient and the sum that will be (Nesterov, 1983); false by default. */
  readonly nesterov?: boolean;
  /** PyTorch's `weight_decay`: so much of the parameter is added to its gradient; none by default. See `weightDecay`. */
  readonly weightDecay?: number;
}

/**
 * Describes stochastic gradient descent with PyTorch's momentum: `b = momentum · b + (1 - dampening) · g`, but `b = g` at first, and
 * `p -= learningRate · b`; with Nesterov's `p -= learningRate · (g + momentum · b)`. PyTorch's `SGD`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sgd } from "@rill/rill/models";
 *
 * assertEquals(sgd({ learningRate: 0.1, momentum: 0.9 }).rule.slots, { momentum: 0 });
 * assertEquals(sgd().rule.slots, {});
 * ```
 *
 * @param options The settings.
 * @returns The optimizer.
 * @throws {RangeError} If a setting is out of range, or Nesterov's momentum is asked for without momentum or with dampening.
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { learningRate = 0.01, momentum = 0, dampening = 0, nesterov = false, weightDecay } =
    options;
  checkSettings("sgd", { momentum, dampening }, 1);
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw new RangeError(
      `Cannot describe sgd with Nesterov's momentum, momentum ${momentum} and dampening ${dampening}: ` +
        "it must have momentum, and no dampening",
    );
  }
  const settings = { momentum, dampening, nesterov: nesterov ? 1 : 0 };
  const rule = momentum === 0
    ? fuse({
      name: "sgd",
      settings: {},
      slots: {},
      update: ({ parameter, gradient }, { learningRate }) => ({
        parameter: ops.subtract(parameter, ops.multiply(gradient, learningRate)),
      }),
    }, { rule: "sgd", settings: {}, number: (_, rate) => ({ rate }) })
    : fuse({
      name: "sgd",
      settings,
      slots: { momentum: 0 },
      update({ parameter, gradient, momentum: before }, { learningRate, step }) {
        const rest = step === 1 ? 1 : 1 - dampening;
        const sum = ops.add(ops.multiply(before, momentum), ops.multiply(gradient, rest));
        const direction = nesterov ? ops.add(gradient, ops.multiply(sum, momentum)) : sum;
        return {
          parameter: ops.subtract(parameter, ops.multiply(direction, learningRate)),
          momentum: sum,
        };
      },
    }, {
      rule: "sgd",
      settings: { momentum, nesterov: settings.nesterov },
      number: (step, rate) => ({ rate, rest: step === 1 ? 1 : 1 - dampening }),
    });
  const optimizer = optimizerOf(rule, learningRate);
  return weightDecay === undefined ? optimizer : decayBy(weightDecay)(optimizer);
}
