/** A run of elements: from `start` to before `end`. */
export type Range = readonly [start: number, end: number];

/** Computes a rank's share of so many things: shares lie one behind the other and differ by one thing at most. */
export function computeShare(length: number, rank: number, size: number): Range {
  return [Math.floor(length * rank / size), Math.floor(length * (rank + 1) / size)];
}

/**
 * Visits a range of arrays that count as one, as ranges of each of them: `visit` gets an array's index and a range within it.
 */
export function visitRanges(
  lengths: readonly number[],
  [start, end]: Range,
  visit: (index: number, start: number, end: number) => void,
): void {
  let before = 0;
  for (const [index, length] of lengths.entries()) {
    const from = Math.max(start - before, 0);
    const to = Math.min(end - before, length);
    if (from < to) visit(index, from, to);
    before += length;
  }
}
