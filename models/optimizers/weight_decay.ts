/**
 * Weight decay.
 *
 * @module
 */

import { setField } from "./_pieces.ts";
import { checkSetting } from "./_settings.ts";
import type { Optimizer } from "./optimizer.ts";

export type { Optimizer, OptimizerState, WeightDecay } from "./optimizer.ts";

/** How `weightDecay` works. */
export interface WeightDecayOptions {
  /**
   * Whether the parameter is multiplied by `1 - learningRate · rate`, as in AdamW, rather than `rate · parameter` added to its
   * gradient; false by default.
   */
  readonly decoupled?: boolean;
}

/**
 * Makes parameters shrink: PyTorch's `weight_decay`. With `byName` biases and norms are left out.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { byName, sgd, weightDecay } from "@rill/rill/models";
 *
 * const optimizer = pipe(
 *   sgd({ momentum: 0.9 }),
 *   weightDecay(5e-4),
 *   byName([{ names: ["*bias", "bn*"], weightDecay: 0 }]),
 * );
 * assertEquals(optimizer.decay, { rate: 5e-4, decoupled: false });
 * ```
 *
 * @param rate How much.
 * @param options How.
 * @returns A function that sets an optimizer's `decay`. It throws a `RangeError` if that is set already.
 * @throws {RangeError} If the rate is out of range.
 */
export function weightDecay(
  rate: number,
  options: WeightDecayOptions = {},
): (optimizer: Optimizer) => Optimizer {
  checkSetting("weightDecay", "rate", rate, 0, Infinity);
  const { decoupled = false } = options;
  return (optimizer) => setField(optimizer, "decay", { rate, decoupled });
}
