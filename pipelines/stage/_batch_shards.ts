// Which items of a whole order come where of each of its batches there is one part.
import { carryStart } from "./_start.ts";

/** A run of items: from the first of two indices to before the second. */
type Range = readonly [first: number, end: number];

/** Of each batch of a whole order one part. */
export interface BatchShards {
  /** How many items a batch has. */
  readonly size: number;
  /** How many items of the epoch come before the first batch. */
  readonly from: number;
  /** How many items there are in all batches; Infinity as long as that isn't known, before the last batch. */
  readonly length: number;
  /** Which items of a batch of so many there are. */
  readonly share: (size: number) => Range;
}

/** A batch of the whole order, and the part of it. */
export interface BatchPart {
  /** How many items the part has. */
  readonly count: number;
  /** How many items of the batch come before. */
  readonly first: number;
  /** How many items the batch has. */
  readonly whole: number;
}

/** Known to all copies of this library that meet in one program. */
const SHARDS = Symbol.for("rill.batchShards");

/** Finds of which parts of batches an iterable has items; `"lost"` where a stage between gives more or fewer items than it gets. */
export const findShards = (source: AsyncIterable<unknown>): BatchShards | "lost" | undefined =>
  (source as { readonly [SHARDS]?: BatchShards | "lost" })[SHARDS];

/** Lets an iterable of ours carry it, in place of what it has of its sources. */
export function carryShards<S extends AsyncIterable<unknown>>(
  iterable: S,
  shards: BatchShards | "lost" | undefined,
): S {
  if (findShards(iterable) === shards) return iterable;
  return Object.defineProperty(iterable, SHARDS, { value: shards, configurable: true });
}

/**
 * Lets an iterable of ours carry what its sources do, where each of its items is made of the next one of its only source. Otherwise it
 * isn't known which items it has.
 */
export function carryShardsFrom<S extends AsyncIterable<unknown>>(
  iterable: S,
  sources: readonly AsyncIterable<unknown>[],
  itemsPerOutput: number | undefined,
): S {
  const shards = sources.map(findShards).find((shards) => shards !== undefined);
  if (!shards) return iterable;
  if (sources.length === 1 && itemsPerOutput === 1) return carryShards(iterable, shards);
  return carryStart(carryShards(iterable, "lost"), NaN);
}

/** Finds the part of a batch which the item of an index among those that there are belongs to, and its place in that. */
function findPart(
  { size, share, length }: Pick<BatchShards, "size" | "share" | "length">,
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
export function countShards(shards: Pick<BatchShards, "size" | "share" | "length">): number {
  const { size, share, length } = shards;
  const [first, end] = share(size);
  const batches = Math.floor(length / size);
  const [start, stop] = length % size > 0 ? share(length % size) : [0, 0];
  return batches * (end - first) + stop - start;
}

/** Finds the place in the whole order, from its first batch on, of an item by its index among those that there are. */
export function findPlace(
  shards: Pick<BatchShards, "size" | "share" | "length">,
  index: number,
): number {
  const { before, first, within } = findPart(shards, index);
  return before + first + within;
}

/** Makes the function from an item's index in an iterable to that in the whole epoch; undefined where they are the same. */
export function locateItems(
  source: AsyncIterable<unknown>,
): ((index: number) => number) | undefined {
  const shards = findShards(source);
  return shards && shards !== "lost"
    ? (index) => shards.from + findPlace(shards, index)
    : undefined;
}

/** Gives, for the index of a part's first item among those that there are, once that has come, what the part is. */
export type PlanPart = (index: number) => BatchPart;

/** Lets the batches that a stage has gathered of parts carry where in the epoch they begin; they tell themselves which parts they are. */
export function carryBatches<S extends AsyncIterable<unknown>>(
  batches: S,
  source: AsyncIterable<unknown>,
  size: number,
): S {
  const shards = findShards(source);
  if (!shards || shards === "lost") return batches;
  const start = shards.from / size;
  return carryStart(carryShards(batches, undefined), Number.isInteger(start) ? start : NaN);
}

/**
 * Plans the batches that a stage gathers of an iterable: those of the whole order, or the parts of them that there are.
 *
 * @param verb What the stage does, for the message.
 * @returns What gives the parts; undefined where batches are whole.
 * @throws {RangeError} If there are parts of other batches, or it isn't known of which.
 */
export function planParts(
  verb: string,
  source: AsyncIterable<unknown>,
  size: number,
): PlanPart | undefined {
  const shards = findShards(source);
  if (!shards) return undefined;
  if (shards === "lost") {
    throw new RangeError(
      `Cannot ${verb} the parts of batches as a stage between gives more or fewer items than it gets, or begins at a position: ` +
        "put it before shardBatches",
    );
  }
  if (shards.size !== size) {
    throw new RangeError(
      `Cannot ${verb} by ${size} what are parts of batches of ${shards.size}: give both the same size`,
    );
  }
  return (index) => findPart(shards, index);
}

/** A source that can read some of its items and none of the others. */
export interface Selectable<T> {
  /** How many items it has. */
  readonly length: number;
  /** Makes the source of so many of its items: those at the places that a function gives, in ascending order. */
  select(count: number, placeOf: (index: number) => number): AsyncIterable<T>;
}

const SELECTABLE = Symbol.for("rill.selectable");

/** Finds how some of an iterable's items are read. */
export const findSelectable = <T>(source: AsyncIterable<T>): Selectable<T> | undefined =>
  (source as { readonly [SELECTABLE]?: Selectable<T> })[SELECTABLE];

/** Makes it known of a source. */
export const markSelectable = <T>(
  source: AsyncIterable<T>,
  selectable: Selectable<T>,
): AsyncIterable<T> => Object.defineProperty(source, SELECTABLE, { value: selectable });
