import * as ops from "../ops/_ops.ts";
import type { Tensor } from "../types/tensor.ts";

/** Finds the first number that is NaN or infinite. */
export function findNotFiniteNumber(numbers: Float32Array): number | undefined {
  // As doubles, floats are too few and too small for their sum to overflow.
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += numbers[i]!;
  return Number.isFinite(sum) ? undefined : numbers.find((number) => !Number.isFinite(number));
}

/** Reads a tensor, and finds the first number that is NaN or infinite. */
export async function readNotFiniteNumber(x: Tensor): Promise<number | undefined> {
  return findNotFiniteNumber(await ops.readNumbers(x));
}
