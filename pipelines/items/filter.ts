/**
 * The items for which a predicate holds.
 *
 * @module
 */

import { isPromise, type Pull, type Pulled, pullUntil } from "../stage/_pull.ts";
import { findFirstIndex } from "../stage/_start.ts";
import type { Stage } from "../stage/stage.ts";
import { stageOf, type StageRun } from "../stage/stage_of.ts";

export { StageError } from "../stage/stage_error.ts";

/**
 * Keeps the items for which a type guard holds, and knows their narrower type. Holds one item.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, filter } from "@rill/rill/pipelines";
 *
 * const isText = (item: string | number): item is string => typeof item === "string";
 * const texts: string[] = await collect(filter(isText)(ReadableStream.from(["a", 1, "b"])));
 * assertEquals(texts, ["a", "b"]);
 * ```
 *
 * @typeParam T The type of the items that go in.
 * @typeParam S The type of the items that are kept.
 * @param predicate The type guard, of an item and its position in the epoch, from 0.
 * @returns The stage. An error of `predicate` fails the stream as a {@linkcode StageError}.
 */
export function filter<T, S extends T>(
  predicate: (item: T, index: number) => item is S,
): Stage<T, S>;
/**
 * Keeps the items for which a predicate holds. Holds one item.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, filter } from "@rill/rill/pipelines";
 *
 * const odd = filter((n: number) => n % 2 === 1)(ReadableStream.from([1, 2, 3]));
 * assertEquals(await collect(odd), [1, 3]);
 * ```
 *
 * @typeParam T The type of the items.
 * @param predicate The predicate, of an item and its position in the epoch, from 0. A promise that it returns is awaited.
 * @returns The stage. An error of `predicate` fails the stream as a {@linkcode StageError}.
 */
export function filter<T>(
  predicate: (item: T, index: number) => boolean | Promise<boolean>,
): Stage<T, T>;
export function filter<T>(
  predicate: (item: T, index: number) => boolean | Promise<boolean>,
): Stage<T, T> {
  return (source) =>
    stageOf({
      name: "filter",
      state: { index: findFirstIndex(source) },
      begin({ input, state, fail }: StageRun<T>): Pull<T> {
        const count = (keep: boolean): boolean => {
          state.index++;
          return keep;
        };
        const decide = (result: Pulled<T>): boolean | Promise<boolean> => {
          if (result.done) return true;
          let keep: boolean | Promise<boolean>;
          try {
            keep = predicate(result.value, state.index);
          } catch (cause) {
            return fail(cause);
          }
          return isPromise(keep) ? Promise.resolve(keep).then(count, fail) : count(keep);
        };
        const pull = () => input.pull();
        return () => pullUntil(pull, decide);
      },
    })(source);
}
