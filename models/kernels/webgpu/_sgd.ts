import type { SgdAttrs } from "../definitions/_kernel_names.ts";
import type { Setting } from "./device/_dispatch.ts";
import type { UpdateRule } from "./_update.ts";

/** Stochastic gradient descent. */
export const SGD: UpdateRule = {
  key: "sgd",
  own: ["parameter"],
  step: "rate : f32",
  code: () => "  parameter[at] = parameter[at] - g * step.rate;",
};

/** Stochastic gradient descent with momentum. */
export const MOMENTUM: UpdateRule = {
  key: "momentum",
  own: ["parameter", "momentum"],
  step: "rate : f32, decay : f32",
  code: () =>
    `  let next = momentum[at] * step.decay + g;
  momentum[at] = next;
  parameter[at] = parameter[at] - next * step.rate;`,
};

/** The numbers of a step. */
export function sgdStep({ learningRate, momentum }: SgdAttrs): Setting[] {
  return (momentum > 0 ? [learningRate, momentum] : [learningRate]).map((float) => ({ float }));
}
