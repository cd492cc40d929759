/** The middle one of some numbers, or what lies between the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The middle one of the ratios of numbers that were measured side by side. */
export const medianRatio = (values: readonly number[], others: readonly number[]): number =>
  median(values.map((value, i) => value / others[i]));

/** The geometric mean of numbers above 0. */
export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
