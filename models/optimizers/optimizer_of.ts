/**
 * Optimizers by rules of one's own.
 *
 * @module
 */

import { toSchedule } from "./_settings.ts";
import type { Optimizer } from "./optimizer.ts";
import type { Rule } from "./rule.ts";
import type { Schedule } from "./schedules/schedule.ts";

export type { Optimizer, OptimizerState } from "./optimizer.ts";
export type { Rule, RuleContext } from "./rule.ts";
export type { Schedule } from "./schedules/schedule.ts";

/** Names that a slot can't have. */
const TAKEN: readonly string[] = ["parameter", "gradient", "average", "accumulated"];

/**
 * Makes an optimizer of a rule. `sgd`, `adam` and the others are made by it too; all pieces go with it.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { optimizerOf } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * // Lion (Chen et al., 2023).
 * const lion = (learningRate: number, beta1 = 0.9, beta2 = 0.99) =>
 *   optimizerOf({
 *     name: "lion",
 *     settings: { beta1, beta2 },
 *     slots: { m: 0 },
 *     update({ parameter, gradient, m }, { learningRate }) {
 *       const mix = (beta: number) =>
 *         ops.add(ops.multiply(m, beta), ops.multiply(gradient, 1 - beta));
 *       const direction = ops.sign(mix(beta1));
 *       return {
 *         parameter: ops.subtract(parameter, ops.multiply(direction, learningRate)),
 *         m: mix(beta2),
 *       };
 *     },
 *   }, learningRate);
 *
 * assertEquals(lion(1e-4).rule.slots, { m: 0 });
 * ```
 *
 * @typeParam Slot The names of the running values.
 * @param rule The rule.
 * @param learningRate The step size, or how it changes from step to step.
 * @returns The optimizer.
 * @throws {RangeError} If a slot has a name that it can't have, or the learning rate is out of range.
 */
export function optimizerOf<Slot extends string = never>(
  rule: Rule<Slot>,
  learningRate: number | Schedule,
): Optimizer {
  const wrong = Object.keys(rule.slots).find((slot) => TAKEN.includes(slot) || !/^\w+$/.test(slot));
  if (wrong !== undefined) {
    throw new RangeError(
      `Cannot describe ${rule.name} with a slot named ${
        JSON.stringify(wrong)
      }: it must be a word other than ${TAKEN.join(", ")}`,
    );
  }
  return { rule, learningRate: toSchedule(rule.name, learningRate), groups: [] };
}
