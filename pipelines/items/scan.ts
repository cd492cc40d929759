/**
 * A fold that gives an output at every step, as training does.
 *
 * @module
 */

import { andThen, type Pull } from "../stage/_pull.ts";
import { locateItems } from "../stage/_batch_shards.ts";
import { makeWork, mapPull } from "../stage/_per_item.ts";
import { findFirstIndex } from "../stage/_start.ts";
import type { Stage } from "../stage/stage.ts";
import { stageOf, type StageRun } from "../stage/stage_of.ts";

export { StageError } from "../stage/stage_error.ts";

/**
 * Folds a stream and gives an output at every step: `fn` of the state and an item is the next state and the output.
 * Training is such a fold, its state the parameters, its outputs the metrics. Holds the state and one item.
 *
 * The state is not part of a {@linkcode Position}: whoever resumes a pipeline gives the state of then as `initial`, as a
 * checkpoint does for training.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, scan } from "@rill/rill/pipelines";
 *
 * const runningMean = scan(
 *   ([sum, count]: [number, number], item: number) => {
 *     const next: [number, number] = [sum + item, count + 1];
 *     return [next, next[0] / next[1]];
 *   },
 *   [0, 0],
 * );
 * assertEquals(await collect(runningMean(ReadableStream.from([1, 2, 6]))), [1, 1.5, 3]);
 * ```
 *
 * @typeParam S The type of the state.
 * @typeParam I The type of the items that go in.
 * @typeParam O The type of the outputs.
 * @param fn The step, of the state, an item and its position in the epoch, from 0. A promise that it returns is awaited before the next
 * item is pulled.
 * @param initial The state before the first item. Every use of the stage starts from it.
 * @returns The stage. An error of `fn` fails the stream as a {@linkcode StageError}.
 */
export function scan<S, I, O>(
  fn: (state: S, item: I, index: number) => readonly [S, O] | Promise<readonly [S, O]>,
  initial: S,
): Stage<I, O> {
  return (source) =>
    stageOf({
      name: "scan",
      state: { index: findFirstIndex(source) },
      itemsPerOutput: 1,
      begin({ input, state: counts }: StageRun<I>): Pull<O> {
        let state = initial;
        const advance = ([next, output]: readonly [S, O]): O => {
          state = next;
          return output;
        };
        const step = (item: I, index: number) => andThen(fn(state, item, index), advance);
        return mapPull(input, counts, makeWork("scan", step), locateItems(source));
      },
    })(source);
}
