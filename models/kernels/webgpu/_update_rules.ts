import type { AdamAttrs, SgdAttrs } from "../definitions/_kernel_names.ts";
import type { Setting } from "./device/_dispatch.ts";

/** A rule by which one number of a parameter is updated. */
export interface UpdateRule {
  readonly key: string;
  /** The names of the tensors that are updated: a parameter and its running values. */
  readonly own: readonly string[];
  /** The members of the settings that change from step to step, `step` in the code. */
  readonly step: string;
  /** Writes statements that update `parameter[at]` and the others' `[at]`, given the gradient `g`. All are so many numbers wide. */
  readonly code: (width: 1 | 4) => string;
}

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

/** Lists the settings of a step of `ADAM`. */
export function listAdamSettings(
  { beta1, beta2, stepSize, correction, epsilon }: AdamAttrs,
): Setting[] {
  return [beta1, beta2, 1 - beta1, 1 - beta2, stepSize, 1 / correction, epsilon]
    .map((float) => ({ float }));
}

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

/** Lists the settings of a step of `SGD` or `MOMENTUM`. */
export function listSgdSettings({ learningRate, momentum }: SgdAttrs): Setting[] {
  return (momentum > 0 ? [learningRate, momentum] : [learningRate]).map((float) => ({ float }));
}

/**
 * Updates nothing, but notes in the state of the loss scaling whether a gradient is infinite or NaN. It looks at the bits:
 * compilers may assume that there are no such numbers.
 */
export const FIND_OVERFLOW: UpdateRule = {
  key: "overflow",
  own: [],
  step: "",
  code: (width) => {
    const bits = width === 4 ? "vec4<u32>" : "u32";
    return `  let exponent = ${bits}(0x7f800000u);
  if (any((bitcast<${bits}>(g) & exponent) == exponent)) {
    atomicStore(&scaling.overflow, 0x3f800000u);
  }`;
  },
};
