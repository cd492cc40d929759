/**
 * The AdamW optimizer.
 *
 * @module
 */

import { describeAdam } from "./_adam_rule.ts";
import type { Optimizer } from "./optimizer.ts";
import { optimizerOf } from "./optimizer_of.ts";
import type { Schedule } from "./schedules/schedule.ts";
import { weightDecay as decayBy } from "./weight_decay.ts";

export type { Optimizer, OptimizerState } from "./optimizer.ts";
export type { Schedule } from "./schedules/schedule.ts";

/** The settings of `adamw`. */
export interface AdamwOptions {
  /** The step size, or how it changes from update to update; 0.001 by default. */
  readonly learningRate?: number | Schedule;
  /** Decay of the running mean of the gradient; 0.9 by default. */
  readonly beta1?: number;
  /** Decay of the running mean of the squared gradient; 0.999 by default. */
  readonly beta2?: number;
  /** The number added to the denominator; 1e-8 by default. */
  readonly epsilon?: number;
  /** Whether the largest `v` so far stands in the denominator (Reddi et al., 2018), as slot `vMax`; false by default. */
  readonly amsgrad?: boolean;
  /** How much parameters shrink: they are multiplied by `1 - learningRate · weightDecay`; 0.01 by default. */
  readonly weightDecay?: number;
}

/**
 * Describes AdamW (Loshchilov and Hutter, 2019): Adam with decay that doesn't go through the gradient. PyTorch's `AdamW`. To leave
 * out biases see `byName`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adamw } from "@rill/rill/models";
 *
 * assertEquals(adamw().decay, { rate: 0.01, decoupled: true });
 * ```
 *
 * @param options The settings.
 * @returns The optimizer.
 * @throws {RangeError} If a setting is out of range.
 */
export function adamw(options: AdamwOptions = {}): Optimizer {
  const { learningRate = 0.001, weightDecay = 0.01 } = options;
  const optimizer = optimizerOf(describeAdam("adamw", options), learningRate);
  return decayBy(weightDecay, { decoupled: true })(optimizer);
}
