import { checkInteger } from "../_arguments/check_integer.ts";

/** What the random stages behind a stream draw by, where they have no seed of their own. */
export interface RandomContext {
  readonly seed: number;
  readonly epoch: number;
  /**
   * Gives the number of random stages before, which is the place of the next. It may be known only once the first item
   * has come: workers tell how many are in them.
   */
  place(): number;
}

/** Known to all copies of this library that meet in one program, and to the script of workers. */
const RANDOM = Symbol.for("rill.random");

/** Finds what the random stages behind an iterable draw by. */
export const findRandom = (source: AsyncIterable<unknown>): RandomContext | undefined =>
  (source as { readonly [RANDOM]?: RandomContext })[RANDOM];

/** Lets an iterable of ours carry it, in place of what it has of its sources. */
export function carryRandom<S extends AsyncIterable<unknown>>(
  iterable: S,
  random: RandomContext | undefined,
): S {
  if (!random) return iterable;
  return Object.defineProperty(iterable, RANDOM, { value: random, configurable: true });
}

/**
 * Lets an iterable of ours carry a seed, from which on places are counted.
 *
 * @throws {RangeError} When the seed or the epoch is not an integer of at least 0.
 */
export function carrySeed<S extends AsyncIterable<unknown>>(
  iterable: S,
  seed: number,
  epoch: number,
): S {
  checkInteger(`draw by seed ${seed}`, "seed", seed);
  checkInteger(`draw for epoch ${epoch}`, "epoch", epoch);
  return carryRandom(iterable, { seed, epoch, place: () => 0 });
}

/**
 * Lets an iterable of ours carry what its sources do. Those that carry something must agree about seed and epoch;
 * otherwise it is lost. The place is behind all random stages of each.
 */
export function carryFrom<S extends AsyncIterable<unknown>>(
  iterable: S,
  sources: readonly AsyncIterable<unknown>[],
): S {
  const all = sources.map(findRandom).filter((random) => random !== undefined);
  const [first] = all;
  if (!first || all.some(({ seed, epoch }) => seed !== first.seed || epoch !== first.epoch)) {
    return iterable;
  }
  if (all.length === 1) return carryRandom(iterable, first);
  const place = () => Math.max(...all.map((random) => random.place()));
  return carryRandom(iterable, { ...first, place });
}

/** Goes on counting, from `places` behind. */
export const advanceRandom = (
  { seed, epoch, place }: RandomContext,
  places: () => number,
): RandomContext => ({ seed, epoch, place: () => place() + places() });

/**
 * Goes on behind what may be kept from an earlier run, so that nothing need come from before: where the place isn't known
 * without an item, another is taken, which is far from those before.
 */
export function settleRandom(random: RandomContext): RandomContext {
  const place = random.place();
  return { ...random, place: () => Number.isNaN(place) ? FAR_PLACE : place };
}

const FAR_PLACE = 1000;
