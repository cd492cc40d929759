/** Known to all copies of this library that meet in one program, and to the script of workers. */
const START = Symbol.for("rill.start");

/**
 * Finds how many items of an epoch come before the first one of an iterable: 0, unless it is read from the middle of one; NaN
 * where it is, but a stage between gives more or fewer items than it gets.
 */
export const findStart = (source: AsyncIterable<unknown>): number =>
  (source as { readonly [START]?: number })[START] ?? 0;

/** Finds the index of the first item of an iterable: they are counted as in the whole epoch, or from 0 where it isn't known how. */
export const findFirstIndex = (source: AsyncIterable<unknown>): number => findStart(source) || 0;

/** Lets an iterable of ours carry it, in place of what it has of its sources. */
export function carryStart<S extends AsyncIterable<unknown>>(iterable: S, start: number): S {
  if (findStart(iterable) === start) return iterable;
  return Object.defineProperty(iterable, START, { value: start, configurable: true });
}

/**
 * Computes how many outputs of a stage come before the first one of its sources as they are.
 *
 * @param itemsPerOutput How many items of each of its sources an output is made of; undefined where that varies.
 */
export function computeStart(
  sources: readonly AsyncIterable<unknown>[],
  itemsPerOutput: number | undefined,
): number {
  const [first = 0, ...others] = sources.map(findStart);
  if (others.some((start) => start !== first)) return NaN;
  if (first === 0) return 0;
  const start = first / (itemsPerOutput ?? NaN);
  return Number.isInteger(start) ? start : NaN;
}

/** Counts the items of sources of which each output takes one, before the first ones of all. */
export const addStarts = (sources: readonly AsyncIterable<unknown>[]): number =>
  sources.reduce((sum, source) => sum + findStart(source), 0);

/**
 * Requires that it is known where in an epoch something random begins, as it would not be the same as in the whole.
 *
 * @param verb What the stage does, for the message.
 * @throws {RangeError} If it isn't.
 */
export function requireStart(verb: string, start: number): void {
  if (!Number.isNaN(start)) return;
  throw new RangeError(
    `Cannot ${verb} at random from the middle of an epoch as it isn't known how many items come before: a stage between ` +
      "gives more or fewer than it gets, or begins at a position; put the random stage before that, or give their number to " +
      "withSeed({ seed, epoch, from })",
  );
}
