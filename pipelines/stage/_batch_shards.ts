// Which items of a whole order come where of each of its batches there is one part. Stages know no more of it than is here; the rest
// comes with the stage that makes parts.
import { carryStart } from "./_start.ts";

/** A batch of the whole order, and the part of it. */
export interface BatchPart {
  /** How many items the part has. */
  readonly count: number;
  /** How many items of the batch come before. */
  readonly first: number;
  /** How many items the batch has. */
  readonly whole: number;
}

/** Gives, for the index of a part's first item among those that there are, once that has come, what the part is. */
export type PlanPart = (index: number) => BatchPart;

/** Of each batch of a whole order one part. */
export interface BatchShards {
  /** How many items of the epoch come before the first batch. */
  readonly from: number;
  /** Gives the index in the whole epoch of an item by that among those that there are; absent where it isn't known any more. */
  readonly locate?: (index: number) => number;
  /**
   * Plans the batches that a stage gathers.
   *
   * @param verb What the stage does, for the message.
   * @throws {RangeError} If there are parts of other batches, or it isn't known of which.
   */
  plan(verb: string, size: number): PlanPart;
  /** Makes the same parts of batches, whose first is in another place. */
  move(from: number): BatchShards;
  /** Lets the batches that a stage has gathered carry where in the epoch they begin; they tell themselves which parts they are. */
  carry<S extends AsyncIterable<unknown>>(batches: S, size: number): S;
  /** Makes those of which it isn't known any more which items there are. */
  lose(): BatchShards;
}

/** Known to all copies of this library that meet in one program. */
const SHARDS = Symbol.for("rill.batchShards");

/** Finds of which parts of batches an iterable has items. */
export const findShards = (source: AsyncIterable<unknown>): BatchShards | undefined =>
  (source as { readonly [SHARDS]?: BatchShards })[SHARDS];

/** Lets an iterable of ours carry it, in place of what it has of its sources. */
export function carryShards<S extends AsyncIterable<unknown>>(
  iterable: S,
  shards: BatchShards | undefined,
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
  return sources.length === 1 && itemsPerOutput === 1
    ? carryShards(iterable, shards)
    : carryStart(carryShards(iterable, shards.lose()), NaN);
}

/** Makes the function from an item's index in an iterable to that in the whole epoch; undefined where they are the same. */
export const locateItems = (
  source: AsyncIterable<unknown>,
): ((index: number) => number) | undefined => findShards(source)?.locate;

/** Lets the batches that a stage has gathered of an iterable carry what {@linkcode BatchShards.carry} says. */
export const carryBatches = <S extends AsyncIterable<unknown>>(
  batches: S,
  source: AsyncIterable<unknown>,
  size: number,
): S => findShards(source)?.carry(batches, size) ?? batches;

/** Plans the batches that a stage gathers of an iterable as {@linkcode BatchShards.plan}; undefined where batches are whole. */
export const planParts = (
  verb: string,
  source: AsyncIterable<unknown>,
  size: number,
): PlanPart | undefined => findShards(source)?.plan(verb, size);
