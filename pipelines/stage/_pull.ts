import type { Allocate } from "./allocate.ts";

/** The result of a pull: an item, or the end. */
export type Pulled<T> = IteratorResult<T, unknown>;

/**
 * Gives the next item, at once where nothing has to be waited for: between our own stages an item then costs a call, and no
 * promise. Not to be called while an earlier call is under way.
 *
 * @param allocate Makes the array of an item that is pulled.
 */
export type Pull<T> = (allocate?: Allocate) => Pulled<T> | Promise<Pulled<T>>;

/** The end of a stream. */
export const END: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/** The key under which an iterator of our own has its {@linkcode Pull}. The one who calls it calls no `next()`. */
export const PULL: unique symbol = Symbol("pull");

/** The key under which an iterator of our own has what ends the pull that is under way, as far as it can, with a reason. */
export const ABORT: unique symbol = Symbol("abort");

/** An iterator that may be of our own. */
export interface Pullable<T> extends AsyncIterator<T, unknown, undefined> {
  readonly [PULL]?: Pull<T>;
  [ABORT]?(reason: unknown): void;
}

/** Tells whether a value is to be awaited. Most are not, and an `await` costs as much as a cheap stage. */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | undefined | null)?.then === "function";
}

/** Goes on with a value: at once where it is there, later where it is promised. */
export function andThen<T, U>(
  value: T | PromiseLike<T>,
  fn: (value: T) => U | Promise<U>,
): U | Promise<U> {
  return isPromise(value) ? Promise.resolve(value).then(fn) : fn(value);
}

/**
 * Pulls until `isWanted` holds for a result, as it has to for the end. Gives that result at once where nothing has to be
 * waited for.
 */
export function pullUntil<T>(
  pull: Pull<T>,
  isWanted: (result: Pulled<T>) => boolean | Promise<boolean>,
): Pulled<T> | Promise<Pulled<T>> {
  while (true) {
    const pulled = pull();
    if (isPromise(pulled)) return pullOn(pulled, pull, isWanted);
    const wanted = isWanted(pulled);
    if (isPromise(wanted)) return decide(pulled, wanted, pull, isWanted);
    if (wanted) return pulled;
  }
}

/** Goes on with a pull that is under way. */
async function pullOn<T>(
  pulling: Promise<Pulled<T>>,
  pull: Pull<T>,
  isWanted: (result: Pulled<T>) => boolean | Promise<boolean>,
): Promise<Pulled<T>> {
  while (true) {
    const pulled = await pulling;
    if (await isWanted(pulled)) return pulled;
    pulling = Promise.resolve(pull());
  }
}

/** Goes on with an answer that is under way. */
const decide = async <T>(
  pulled: Pulled<T>,
  wanted: Promise<boolean>,
  pull: Pull<T>,
  isWanted: (result: Pulled<T>) => boolean | Promise<boolean>,
): Promise<Pulled<T>> =>
  await wanted ? pulled : await pullOn(Promise.resolve(pull()), pull, isWanted);
