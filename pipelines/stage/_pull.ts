import type { Into } from "./_into.ts";

/** What a pull brings. */
export type Result<T> = IteratorResult<T, unknown>;

/**
 * Gives the next item, at once where nothing has to be waited for: between our own stages an item then costs a call, and no
 * promise. Not to be called while an earlier call is under way.
 *
 * @param into Makes the array of an image that is pulled.
 */
export type Pull<T> = (into?: Into) => Result<T> | Promise<Result<T>>;

/** The end of a stream. */
export const END: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/** Where an iterator of our own has its {@linkcode Pull}. The one who calls it calls no `next()`. */
export const PULL: unique symbol = Symbol("pull");

/** An iterator that may be of our own. */
export interface Pullable<T> extends AsyncIterator<T, unknown, undefined> {
  readonly [PULL]?: Pull<T>;
}
