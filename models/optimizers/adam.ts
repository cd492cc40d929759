/**
 * The Adam optimizer.
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

/** The settings of `adam`. */
export interface AdamOptions {
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
  /** PyTorch's `weight_decay`: so much of the parameter is added to its gradient; none by default. See `weightDecay`. */
  readonly weightDecay?: number;
}

/**
 * Describes Adam (Kingma and Ba, 2015), with PyTorch's order of operations: at update `t`,
 * `m = β₁m + (1-β₁)g`, `v = β₂v + (1-β₂)g²`, `p -= lr/(1-β₁ᵗ) · m / (√v/√(1-β₂ᵗ) + ε)`. PyTorch's `Adam`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adam } from "@rill/rill/models";
 *
 * assertEquals(adam({ learningRate: 1e-3 }).rule.slots, { m: 0, v: 0 });
 * ```
 *
 * @param options The settings.
 * @returns The optimizer.
 * @throws {RangeError} If a setting is out of range.
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const { learningRate = 0.001, weightDecay } = options;
  const rule = describeAdam("adam", options);
  const optimizer = optimizerOf(rule, learningRate);
  return weightDecay === undefined ? optimizer : decayBy(weightDecay)(optimizer);
}
