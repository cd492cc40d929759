import type { AdamAttrs } from "../definitions/_kernel_names.ts";
import type { Setting } from "./device/_dispatch.ts";
import type { UpdateRule } from "./_update.ts";

/** Adam. Reads four numbers a parameter and writes three: 28 bytes. */
export const ADAM: UpdateRule = {
  key: "adam",
  own: ["parameter", "m", "v"],
  step:
    "beta1 : f32, beta2 : f32, rest1 : f32, rest2 : f32, stepSize : f32, scale : f32, epsilon : f32",
  code: () =>
    `  let nextM = step.beta1 * m[at] + step.rest1 * g;
  let nextV = step.beta2 * v[at] + step.rest2 * g * g;
  m[at] = nextM;
  v[at] = nextV;
  parameter[at] = parameter[at] - step.stepSize * (nextM / (sqrt(nextV) * step.scale + step.epsilon));`,
};

/** The numbers of a step of Adam. */
export function adamStep(
  { beta1, beta2, stepSize, correction, epsilon }: AdamAttrs,
): Setting[] {
  return [beta1, beta2, 1 - beta1, 1 - beta2, stepSize, 1 / correction, epsilon]
    .map((float) => ({ float }));
}
