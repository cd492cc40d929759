/** A run of elements: from `start` to before `end`. */
export type Range = readonly [start: number, end: number];

/** Computes a rank's share of so many things: shares lie one behind the other and differ by one thing at most. */
export function computeShare(length: number, rank: number, size: number): Range {
  return [Math.floor(length * rank / size), Math.floor(length * (rank + 1) / size)];
}

/** The blocks of a batch of fewer than 256 examples: as many as 2, 3, 4, 6 or 12 ranks can share evenly. */
const BLOCKS = 12;

/**
 * Counts the blocks that a batch is cut into, by the number of its examples alone: what is summed over the batch is summed block
 * by block, and a rank computes whole blocks, so that no sum depends on how many ranks there are.
 */
export function countBlocks(examples: number): number {
  let blocks = BLOCKS;
  for (let least = 256; least <= examples; least *= 2) blocks *= 2;
  return Math.min(blocks, examples);
}

/** Lists the examples of the blocks of a batch from one to before another. */
export function listBlocks(examples: number, [first, end]: Range): Range[] {
  const count = countBlocks(examples);
  return Array.from({ length: end - first }, (_, i) => computeShare(examples, first + i, count));
}

/** A rank's share of a batch. */
export interface BatchShare {
  /** Its blocks. */
  readonly blocks: Range;
  /** Its examples. */
  readonly examples: Range;
}

/** Computes a rank's share of a batch of so many examples: whole blocks, about as many for each rank. */
export function computeBatchShare(examples: number, rank: number, size: number): BatchShare {
  const count = countBlocks(examples);
  const blocks = computeShare(count, rank, size);
  const [first] = computeShare(examples, blocks[0], count);
  const [end] = computeShare(examples, blocks[1], count);
  return { blocks, examples: [first, end] };
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
