// The batch that is being computed, of which this may be a rank's share: algorithms are chosen by the whole, as their results may
// differ in the last bits.

/** How many examples are here, and how many there are in all. */
export interface BatchPart {
  readonly examples: number;
  readonly whole: number;
}

let current: BatchPart | undefined;

/** Computes with a part of a batch; without one, with what is there as a whole. */
export function withBatchPart<T>(part: BatchPart | undefined, fn: () => T): T {
  const before = current;
  current = part;
  try {
    return fn();
  } finally {
    current = before;
  }
}

/** Counts the images that a kernel gets of the whole batch, given those that it gets here. */
export const countWhole = (images: number): number =>
  current ? images / current.examples * current.whole : images;
