/** Reads how much each example of a batch counts. Throws a RangeError for weights that aren't one for each, from 0. */
export function readWeights(
  weights: ArrayLike<number> | undefined,
  size: number,
): Float32Array {
  if (!weights) return new Float32Array(size).fill(1);
  if (weights.length !== size) {
    throw new RangeError(
      `Cannot weigh ${size} examples with ${weights.length} weights: it takes one for each`,
    );
  }
  for (let i = 0; i < size; i++) {
    const weight = weights[i]!;
    if (weight >= 0 && weight < Infinity) continue;
    throw new RangeError(`Cannot weigh example ${i} with ${weight}: it must be a number from 0`);
  }
  return Float32Array.from(weights);
}

/** Gives each of an example's rows the example's weight. */
export function spreadWeights(weights: Float32Array, rows: number, size: number): Float32Array {
  const each = rows / size;
  return each === 1
    ? weights
    : Float32Array.from({ length: rows }, (_, i) => weights[Math.floor(i / each)]!);
}
