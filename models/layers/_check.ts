import { checkFloats } from "../ops/_base/operands.ts";
import { formatShape, isSameShape } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import type { Applied, Plan, Shape } from "./layer.ts";

/**
 * Throws a RangeError unless a tensor is a batch of at least one example. Backends give anything for none: on WebGPU their refusal
 * takes with it what else was recorded.
 */
export function checkInput(
  what: string,
  inputShape: readonly number[],
  shape: readonly number[],
): void {
  const [size = 0, ...example] = shape;
  if (size >= 1 && isSameShape(example, inputShape)) return;
  throw new RangeError(
    `Cannot apply ${what} to a tensor of ${
      formatShape(shape) || "no dimension"
    }: it takes at least one example of ${formatShape(inputShape)}`,
  );
}

/** Throws a RangeError unless a tensor has one entry for each example of a pass. */
export function checkExamples(shape: readonly number[], count: number): void {
  if (shape[0] === count) return;
  throw new RangeError(
    `Cannot sum a tensor of ${formatShape(shape) || "no dimension"} over the batch: ` +
      `its first dimension must be that of the ${count} examples`,
  );
}

/** Throws a RangeError unless a layer has given a tensor of the shape that it was to give. */
export function checkGiven(
  what: string,
  expected: readonly number[],
  shape: readonly number[],
): void {
  if (isSameShape(expected, shape)) return;
  throw new RangeError(
    `Cannot go on after ${what} as it is a tensor of ${formatShape(shape) || "no dimension"}: ` +
      `the layer's plan says ${formatShape(expected) || "no dimension"}`,
  );
}

/** Throws a RangeError unless what a layer has planned is a plan: whoever isn't held to types may give others. */
export function checkPlan(what: string, plan: Plan<string, string>): void {
  const refuse = (why: string): never => {
    throw new RangeError(`Cannot build ${what} by its plan: ${why}`);
  };
  if (typeof plan !== "object" || plan === null) {
    refuse(`it is ${plan}, and must be a record, or say in words what input it needs`);
  }
  const checkLengths = (what: string, shape: Shape, least: number) => {
    const isShape = Array.isArray(shape) &&
      shape.every((length) => Number.isSafeInteger(length) && length >= least);
    if (!isShape) refuse(`${what} is ${shape}, and must be a list of integers from ${least}`);
  };
  checkLengths("outputShape", plan.outputShape, 0);
  if (typeof plan.apply !== "function") refuse("it has no function apply");
  const specs = { ...plan.params, ...plan.buffers };
  for (const [name, spec] of Object.entries(specs)) {
    if (!spec) continue;
    checkLengths(`the shape of ${name}`, spec.shape, 0);
    const { order, shape } = spec;
    const isOrder = !order ||
      isSameShape([...order].sort((a, b) => a - b), shape.map((_, d) => d));
    if (!isOrder) refuse(`the order of ${name} is ${order}, no permutation of its dimensions`);
  }
}

/** Gives what a layer has computed. Throws unless it is a tensor that can be computed with, and a record of buffers if any. */
export function checkApplied(what: string, result: Tensor | Applied): Applied {
  const isRecord = typeof result === "object" && result !== null && "output" in result;
  const output = isRecord ? result.output : result;
  checkFloats(`take for the output of ${what}`, output);
  return { output, buffers: isRecord && result.buffers || {} };
}

/** Gives a variable of a layer. Throws unless it is a tensor that can be computed with. */
export function checkOwn(name: string, tensor: Tensor): Tensor {
  checkFloats(`compute with ${name},`, tensor);
  return tensor;
}

/** Throws a RangeError unless every setting is an integer of at least `least`. */
export function checkInteger(layer: string, settings: Record<string, number>, least: number): void {
  for (const [name, value] of Object.entries(settings)) {
    if (!Number.isSafeInteger(value) || value < least) {
      throw new RangeError(
        `Cannot describe ${layer} with ${name} ${value}: it must be an integer of at least ${least}`,
      );
    }
  }
}

/** Throws a RangeError unless every setting is a finite number. */
export function checkFinite(layer: string, settings: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(settings)) {
    if (!Number.isFinite(value)) {
      throw new RangeError(`Cannot describe ${layer} with ${name} ${value}: it must be finite`);
    }
  }
}

/** Throws a RangeError unless a variance can be divided by after the addition of epsilon. */
export function checkEpsilon(layer: string, epsilon: number): void {
  if (epsilon >= 0 && epsilon < Infinity) return;
  throw new RangeError(
    `Cannot describe ${layer} with epsilon ${epsilon}: it must be at least 0 and finite`,
  );
}

/** Throws a RangeError unless a setting is one of the words for it: whoever isn't held to types may give others. */
export function checkWord(
  layer: string,
  name: string,
  value: unknown,
  words: readonly string[],
): void {
  if (words.some((word) => word === value)) return;
  const known = words.map((word) => JSON.stringify(word)).join(" or ");
  throw new RangeError(`Cannot describe ${layer} with ${name} ${value}: it must be ${known}`);
}
