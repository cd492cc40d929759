import { type AdamAttrs, MOST_SKIPPED, type SgdAttrs } from "../definitions/_kernel_names.ts";
import type { Setting } from "./device/_dispatch.ts";

/** A rule by which one number of a parameter is updated. */
export interface UpdateRule {
  readonly key: string;
  /** The names of the tensors that are updated: a parameter and its running values. */
  readonly own: readonly string[];
  /** The names of the settings that are the same at each update. */
  readonly settings: readonly string[];
  /** The names of the settings that depend on the update's number, four at most. */
  readonly numbered: readonly string[];
  /** Writes statements that update `parameter[at]` and the others' `[at]`, given the gradient `g`. All are so many numbers wide. */
  readonly code: (width: 1 | 4) => string;
}

/** Adam. Reads four numbers a parameter and writes three: 28 bytes. */
export const ADAM: UpdateRule = {
  key: "adam",
  own: ["parameter", "m", "v"],
  settings: ["beta1", "beta2", "rest1", "rest2", "epsilon"],
  numbered: ["stepSize", "scale"],
  code: () =>
    `  let nextM = step.beta1 * m[at] + step.rest1 * g;
  let nextV = step.beta2 * v[at] + step.rest2 * g * g;
  m[at] = nextM;
  v[at] = nextV;
  parameter[at] = parameter[at] - stepSize * (nextM / (sqrt(nextV) * scale + step.epsilon));`,
};

/** The settings of one update: those that depend on its number as they are for it and for those before it, the last first. */
export interface UpdateSettings {
  readonly settings: readonly number[];
  readonly numbered: readonly (readonly number[])[];
}

/** Lists the settings of an update by `ADAM`. */
export function listAdamSettings(
  { beta1, beta2, epsilon, earlier = [], ...step }: AdamAttrs,
): UpdateSettings {
  return {
    settings: [beta1, beta2, 1 - beta1, 1 - beta2, epsilon],
    numbered: [step, ...earlier].map(({ stepSize, correction }) => [stepSize, 1 / correction]),
  };
}

/** Stochastic gradient descent. */
export const SGD: UpdateRule = {
  key: "sgd",
  own: ["parameter"],
  settings: [],
  numbered: ["rate"],
  code: () => "  parameter[at] = parameter[at] - g * rate;",
};

/** Stochastic gradient descent with momentum. */
export const MOMENTUM: UpdateRule = {
  key: "momentum",
  own: ["parameter", "momentum"],
  settings: ["decay"],
  numbered: ["rate"],
  code: () =>
    `  let next = momentum[at] * step.decay + g;
  momentum[at] = next;
  parameter[at] = parameter[at] - next * rate;`,
};

/** Lists the settings of an update by `SGD` or `MOMENTUM`. */
export function listSgdSettings(
  { learningRate, momentum, earlier = [] }: SgdAttrs,
): UpdateSettings {
  return {
    settings: momentum > 0 ? [momentum] : [],
    numbered: [learningRate, ...earlier].map((rate) => [rate]),
  };
}

/** Declares the settings of an update, where it is scaled with those of the updates before it. */
export function declareSettings({ settings, numbered }: UpdateRule, scaled: boolean): string {
  const names = scaled ? settings : [...numbered, ...settings];
  const members = names.map((name) => `${name} : f32`);
  if (scaled) members.unshift(`numbered : array<vec4<f32>, ${MOST_SKIPPED + 1}>`);
  return `struct Step { ${members.join(", ")} }`;
}

/** Writes statements that take the settings of the update's own number: that of the step less those that were skipped. */
export function writeNumbered({ numbered }: UpdateRule, scaled: boolean): string {
  if (!scaled) return numbered.map((name) => `  let ${name} = step.${name};`).join("\n");
  return `  let own = step.numbered[min(u32(scaling.skipped), ${MOST_SKIPPED}u)];
${numbered.map((name, i) => `  let ${name} = own[${i}];`).join("\n")}`;
}

/** Lists the settings as `declareSettings` declares them. */
export function listSettings({ settings, numbered }: UpdateSettings, scaled: boolean): Setting[] {
  const [first = []] = numbered;
  const floats = scaled
    ? Array.from({ length: MOST_SKIPPED + 1 }, (_, skipped) => {
      // The first update has none before it.
      const own = numbered[Math.min(skipped, numbered.length - 1)] ?? first;
      return Array.from({ length: 4 }, (_, i) => own[i] ?? 0);
    }).flat()
    : first;
  return [...floats, ...settings].map((float) => ({ float }));
}

/**
 * Updates nothing, but notes in the state of the loss scaling whether a gradient is infinite or NaN. It looks at the bits:
 * compilers may assume that there are no such numbers.
 */
export const FIND_OVERFLOW: UpdateRule = {
  key: "overflow",
  own: [],
  settings: [],
  numbered: [],
  code: (width) => {
    const bits = width === 4 ? "vec4<u32>" : "u32";
    return `  let exponent = ${bits}(0x7f800000u);
  if (any((bitcast<${bits}>(g) & exponent) == exponent)) {
    atomicStore(&scaling.overflow, 0x3f800000u);
  }`;
  },
};
