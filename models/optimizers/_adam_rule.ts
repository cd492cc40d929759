import * as ops from "../ops/mod.ts";
import { fuse } from "./_fused_rules.ts";
import { checkSettings } from "./_settings.ts";
import type { Rule } from "./rule.ts";

/** Describes the rule of Adam, which AdamW has too. */
export function describeAdam(name: string, options: {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly amsgrad?: boolean;
}): Rule {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, amsgrad = false } = options;
  checkSettings(name, { beta1, beta2 }, 1);
  checkSettings(name, { epsilon });
  const stepSize = (step: number, learningRate: number) => learningRate / (1 - beta1 ** step);
  const correction = (step: number) => Math.sqrt(1 - beta2 ** step);
  return fuse<string>({
    name,
    settings: { beta1, beta2, epsilon, ...amsgrad && { amsgrad: 1 } },
    slots: { m: 0, v: 0, ...amsgrad && { vMax: 0 } },
    update({ parameter, gradient, ...slots }, { step, learningRate }) {
      const m = ops.add(ops.multiply(slots.m!, beta1), ops.multiply(gradient, 1 - beta1));
      const v = ops.add(
        ops.multiply(slots.v!, beta2),
        ops.multiply(ops.square(gradient), 1 - beta2),
      );
      const vMax = amsgrad && ops.maximum(slots.vMax!, v);
      const root = ops.divide(ops.sqrt(vMax || v), correction(step));
      const change = ops.multiply(
        ops.divide(m, ops.add(root, epsilon)),
        stepSize(step, learningRate),
      );
      return { parameter: ops.subtract(parameter, change), m, v, ...vMax && { vMax } };
    },
  }, {
    rule: "adam",
    settings: { beta1, beta2, rest1: 1 - beta1, rest2: 1 - beta2, epsilon },
    number: (step, learningRate) => ({
      stepSize: stepSize(step, learningRate),
      scale: 1 / correction(step),
    }),
  });
}
