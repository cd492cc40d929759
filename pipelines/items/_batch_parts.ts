// The parts of batches that one rank has of a whole order.
import { type BatchPart, type BatchShards, carryShards } from "../stage/_batch_shards.ts";
import { carryStart } from "../stage/_start.ts";

/** A run of items: from the first of two indices to before the second. */
type Range = readonly [first: number, end: number];

/** Which parts there are of which batches. */
export interface Parts {
  /** How many items a batch has. */
  readonly size: number;
  /** How many items there are in all batches; Infinity as long as that isn't known, before the last batch. */
  readonly length: number;
  /** Which items of a batch of so many there are. */
  readonly share: (size: number) => Range;
}

/** Finds the part of a batch which the item of an index among those that there are belongs to, and its place in that. */
function findPart(
  { size, share, length }: Parts,
  index: number,
): BatchPart & { readonly before: number; readonly within: number } {
  const [first, end] = share(size);
  const count = end - first;
  const batches = Math.floor(length / size);
  if (index < batches * count) {
    const before = Math.floor(index / count) * size;
    return { before, first, count, whole: size, within: index % count };
  }
  const before = batches * size;
  const whole = length - before;
  const [start, stop] = whole > 0 ? share(whole) : [0, 0];
  return { before, first: start, count: stop - start, whole, within: index - batches * count };
}

/** Counts the items that there are. */
export function countItems({ size, share, length }: Parts): number {
  const [first, end] = share(size);
  const batches = Math.floor(length / size);
  const [start, stop] = length % size > 0 ? share(length % size) : [0, 0];
  return batches * (end - first) + stop - start;
}

/** Finds the place in the whole order, from its first batch on, of an item by its index among those that there are. */
export function findPlace(parts: Parts, index: number): number {
  const { before, first, within } = findPart(parts, index);
  return before + first + within;
}

/** Makes what an iterable of the parts carries, so that stages behind know which items they get. */
export const createShards = (parts: Parts, from: number): BatchShards => ({
  from,
  locate: (index) => from + findPlace(parts, index),
  plan(verb, size) {
    if (parts.size === size) return (index) => findPart(parts, index);
    throw new RangeError(
      `Cannot ${verb} by ${size} what are parts of batches of ${parts.size}: give both the same size`,
    );
  },
  carry(batches, size) {
    const start = from / size;
    return carryStart(carryShards(batches, undefined), Number.isInteger(start) ? start : NaN);
  },
  move: (from) => createShards(parts, from),
  lose: () => LOST,
});

const LOST: BatchShards = {
  from: NaN,
  plan(verb) {
    throw new RangeError(
      `Cannot ${verb} the parts of batches as a stage between gives more or fewer items than it gets, or begins at a position: ` +
        "put it before shardBatches",
    );
  },
  carry: (batches) => batches,
  move: () => LOST,
  lose: () => LOST,
};
