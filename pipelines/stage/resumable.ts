import type { Position } from "./position.ts";

/**
 * An iterable that can say where it is and be started from there. {@linkcode readIndexed} and {@linkcode readEpochs} give
 * one, and so does each stage whose sources are such. A source of your own becomes one by this method.
 *
 * @example A source of your own
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, map, type Resumable, resumeFrom, withPosition } from "@rill/rill/pipelines";
 *
 * function countTo(end: number): Resumable<number> {
 *   const iterateFrom = (from = { count: 0 }) => {
 *     let count = Number(from.count);
 *     return {
 *       next: () =>
 *         Promise.resolve(
 *           count < end ? { done: false as const, value: ++count } : { done: true as const, value: undefined },
 *         ),
 *       position: () => ({ count }),
 *     };
 *   };
 *   return { iterateFrom, [Symbol.asyncIterator]: () => iterateFrom() };
 * }
 *
 * const squares = pipe(countTo(5), map((n) => n * n));
 * const [, [second, position]] = await collect(withPosition()(squares));
 * assertEquals(second, 4);
 * assertEquals(await collect(resumeFrom(position)(squares)), [9, 16, 25]);
 * ```
 *
 * @typeParam T The type of the items.
 */
export interface Resumable<T> extends AsyncIterable<T> {
  /**
   * Begins an iteration. As with `[Symbol.asyncIterator]()`, nothing is opened or pulled before the first `next()`.
   *
   * @param position Where: what the `position()` of an earlier iteration said. From the beginning where there is none.
   * @returns The iterator.
   * @throws {PositionError} When the position is not one of this pipeline.
   */
  iterateFrom(position?: Position): ResumableIterator<T>;
}

/** An iterator that can say where it is. */
export interface ResumableIterator<T> extends AsyncIterator<T, void, undefined> {
  /**
   * Says where the iteration is: after the last item that it gave. Not to be asked while a `next()` is under way.
   *
   * @returns The position.
   */
  position(): Position;
}
