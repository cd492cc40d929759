// The numbers that outputs are to be, and the mean of what is measured for each of them.
import { multiply } from "../ops/arithmetic.ts";
import { sum } from "../ops/reductions.ts";
import { toTensor } from "../ops/to_tensor.ts";
import { countElements, formatShape, isSameShape } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import { readWeights } from "./_example_weights.ts";
import type { Mean, TargetNumbers, Targets } from "./loss.ts";

/** Reads the targets for outputs of a shape. Throws a RangeError where they are of another. */
export function readTargets({ targets }: Targets, shape: readonly number[]): TargetNumbers {
  const [size, ...rest] = shape;
  // What isn't held to types may have none, or plain numbers.
  const field = targets as Targets["targets"] | undefined;
  const found = field && ("shape" in field ? field.shape : [field.length]);
  const fits = found && (isSameShape(found, shape) ||
    !("shape" in field) && countElements(rest) === 1 && field.length === size);
  if (fits && countElements(shape) > 0) return "shape" in field ? field.data : field;
  throw new RangeError(
    `Cannot compare outputs of ${formatShape(shape) || "no dimension"} with ${
      found ? `targets of ${formatShape(found)}` : "no targets"
    }: it takes targets of the same shape, at least one`,
  );
}

/** Copies numbers to the backend as those of a tensor. */
export function toNumbers(numbers: ArrayLike<number>, shape: readonly number[]): Tensor {
  return toTensor(Float32Array.from(numbers), shape);
}

/** Makes the mean of one number for each output, `[n, …]`, each example's weighted as its batch says. */
export function meanOfOutputs(x: Tensor, { weights }: Targets): Mean {
  const [size = 0, ...rest] = x.shape;
  const each = countElements(rest);
  // First each example's: sums of a few numbers are more exact than one of many.
  const sums = rest.length > 0 ? sum(x, { axis: rest.map((_, d) => d + 1) }) : x;
  if (!weights) return { sum: sum(sums), weight: size * each };
  const read = readWeights(weights, size);
  return {
    sum: sum(multiply(sums, toTensor(read, [size]))),
    weight: read.reduce((a, b) => a + b, 0) * each,
  };
}
