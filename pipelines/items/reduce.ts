/**
 * A stream folded to one value.
 *
 * @module
 */

import { forEach } from "./_for_each.ts";
import { isPromise } from "../stage/_pull.ts";
import { StageError } from "../stage/stage_error.ts";

export { StageError } from "../stage/stage_error.ts";

/**
 * Folds a stream to one value. {@linkcode scan} gives the steps on the way, too.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { reduce } from "@rill/rill/pipelines";
 *
 * const sum = reduce((sum: number, item: number) => sum + item, 0);
 * assertEquals(await sum(ReadableStream.from([1, 2, 3])), 6);
 * ```
 *
 * @typeParam A The type of the value.
 * @typeParam T The type of the items.
 * @param fn The step, of the value so far, an item and its position from 0. A promise that it returns is awaited before
 * the next item is pulled.
 * @param initial The value before the first item.
 * @returns A function from a stream to the promise of its value. An error of `fn` rejects it with a
 * {@linkcode StageError}.
 */
export function reduce<A, T>(
  fn: (value: A, item: T, index: number) => A | Promise<A>,
  initial: A,
): (source: AsyncIterable<T>) => Promise<A> {
  return async (source) => {
    let value = initial;
    let index = 0;
    const keep = (result: A): void => {
      value = result;
      index++;
    };
    const fail = (cause: unknown): never => {
      throw new StageError("reduce", index, cause);
    };
    await forEach(source, (item) => {
      let result: A | Promise<A>;
      try {
        result = fn(value, item, index);
      } catch (cause) {
        return fail(cause);
      }
      return isPromise(result) ? result.then(keep, fail) : keep(result);
    });
    return value;
  };
}
