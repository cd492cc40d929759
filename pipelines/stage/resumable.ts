import type { Position } from "./position.ts";

/**
 * An iterable that can say where it is and be started from there. {@linkcode readIndexed} and {@linkcode readEpochs} give
 * one, and so does each stage whose sources are such. {@linkcode sourceOf} makes a source of one's own that is one.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readIndexed, type Resumable } from "@rill/rill/pipelines";
 *
 * const letters = readIndexed()({ length: 3, get: (index) => "abc"[index] }) as Resumable<string>;
 * const first = letters.iterateFrom();
 * assertEquals((await first.next()).value, "a");
 * const second = letters.iterateFrom(first.position());
 * assertEquals((await second.next()).value, "b");
 * ```
 *
 * @typeParam T The type of the items.
 */
export interface Resumable<T> extends AsyncIterable<T> {
  /**
   * Begins an iteration. As with `[Symbol.asyncIterator]()`, nothing is opened or pulled before the first `next()`.
   *
   * @param position The position that an earlier iteration gave. Without one it begins at the beginning.
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
