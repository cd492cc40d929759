/** Finds the middle one of some numbers, or the mean of the middle two; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/** Finds the middle one of the ratios of numbers that were measured side by side. */
export const medianRatio = (values: readonly number[], others: readonly number[]): number =>
  median(values.map((value, i) => value / (others[i] ?? NaN)));

/** Computes the geometric mean of numbers above 0. */
export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
