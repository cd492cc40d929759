import type { UpdateAttrs, UpdateRuleName } from "../definitions/_updates.ts";
import { MOST_SKIPPED } from "../definitions/_updates.ts";
import type { Setting } from "./device/_dispatch.ts";

/** How numbers come: four at a time or one by one. */
export type Width = 1 | 4;

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
  readonly code: (width: Width) => string;
}

/** Writes a rule's statements, for a type of numbers, and for the tensors that it has. */
const CODES: Readonly<
  Record<UpdateRuleName, (type: string, has: (name: string) => boolean) => string>
> = {
  sgd: (_, has) =>
    has("momentum")
      ? `  let next = momentum[at] * step.momentum + rest * g;
  momentum[at] = next;
  parameter[at] = parameter[at] - select(next, g + step.momentum * next, step.nesterov != 0.0) * rate;`
      : "  parameter[at] = parameter[at] - g * rate;",
  // Reads four numbers a parameter and writes three: 28 bytes.
  adam: (_, has) =>
    `  let nextM = step.beta1 * m[at] + step.rest1 * g;
  let nextV = step.beta2 * v[at] + step.rest2 * g * g;
  m[at] = nextM;
  v[at] = nextV;
${
      has("vMax")
        ? `  let square = max(vMax[at], nextV);
  vMax[at] = square;`
        : "  let square = nextV;"
    }
  parameter[at] = parameter[at] - stepSize * (nextM / (sqrt(square) * scale + step.epsilon));`,
  rmsprop: (type, has) =>
    `  let nextSquare = step.alpha * square[at] + step.rest * g * g;
  square[at] = nextSquare;
${
      has("mean")
        ? `  let nextMean = step.alpha * mean[at] + step.rest * g;
  mean[at] = nextMean;
  let variance = max(nextSquare - nextMean * nextMean, ${type}(0.0));`
        : "  let variance = nextSquare;"
    }
  let change = g / (sqrt(variance) + step.epsilon);
${
      has("momentum")
        ? `  let next = step.momentum * momentum[at] + change;
  momentum[at] = next;`
        : "  let next = change;"
    }
  parameter[at] = parameter[at] - rate * next;`,
  adagrad: () =>
    `  let next = sum[at] + g * g;
  sum[at] = next;
  parameter[at] = parameter[at] - rate * (g / (sqrt(next) + step.epsilon));`,
  adadelta: () =>
    `  let nextSquare = step.rho * square[at] + step.rest * g * g;
  square[at] = nextSquare;
  let before = delta[at];
  let change = sqrt(before + step.epsilon) / sqrt(nextSquare + step.epsilon) * g;
  delta[at] = step.rho * before + step.rest * change * change;
  parameter[at] = parameter[at] - rate * change;`,
  mix: () => "  sum[at] = step.kept * sum[at] + step.added * g;",
};

/** Describes the update that a kernel's attributes ask for. */
export function describeRule({ rule, own, settings, numbered: [first] }: UpdateAttrs): UpdateRule {
  const names = { settings: Object.keys(settings), numbered: Object.keys(first) };
  const before = [
    ...names.numbered.includes("keep") ? ["  parameter[at] = parameter[at] * keep;"] : [],
    `  let g = gradient${names.settings.includes("decay") ? " + step.decay * parameter[at]" : ""};`,
  ];
  const code = (width: Width) => {
    const type = width === 4 ? "vec4<f32>" : "f32";
    return [...before, CODES[rule](type, (name) => own.includes(name))].join("\n");
  };
  const key = [rule, own, names.settings, names.numbered].join("-");
  return { key, own, ...names, code };
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
export function listSettings({ settings, numbered }: UpdateAttrs, scaled: boolean): Setting[] {
  const [first] = numbered;
  const floats = scaled
    ? Array.from({ length: MOST_SKIPPED + 1 }, (_, skipped) => {
      // The first update has none before it.
      const own = Object.values(numbered[Math.min(skipped, numbered.length - 1)] ?? first);
      return Array.from({ length: 4 }, (_, i) => own[i] ?? 0);
    }).flat()
    : Object.values(first);
  return [...floats, ...Object.values(settings)].map((float) => ({ float }));
}

/**
 * Updates nothing, but notes in the state of the loss scaling whether a gradient is infinite or NaN. It looks at the bits:
 * compilers may assume that there are no such numbers.
 */
export const OVERFLOW: UpdateRule = {
  key: "overflow",
  own: [],
  settings: [],
  numbered: [],
  code: (width) => {
    const bits = width === 4 ? "vec4<u32>" : "u32";
    return `  let exponent = ${bits}(0x7f800000u);
  if (any((bitcast<${bits}>(gradient) & exponent) == exponent)) {
    atomicStore(&scaling.overflow, 0x3f800000u);
  }`;
  },
};
