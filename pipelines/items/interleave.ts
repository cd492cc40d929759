/**
 * Several sources in turns.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { andThen, END, type Pulled } from "../stage/_pull.ts";
import { type Outputs, sourceOf, type SourceRun } from "../stage/stage_of.ts";

/** Options of {@linkcode interleave}. */
export interface InterleaveOptions {
  /**
   * How many items are taken of a source before the turn of the next, an integer of at least 1.
   *
   * @default {1}
   */
  readonly blockLength?: number;
}

/**
 * Gives the items of several sources in turns. A source that has ended has no more turns; all are closed on every way
 * out. Holds one item.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, interleave } from "@rill/rill/pipelines";
 *
 * const items = interleave([
 *   ReadableStream.from(["a", "b", "c"]),
 *   ReadableStream.from(["x"]),
 * ]);
 * assertEquals(await collect(items), ["a", "x", "b", "c"]);
 * ```
 *
 * @typeParam T The type of the items.
 * @param sources The sources.
 * @param options How long a turn is.
 * @returns Their items. They can be iterated anew where all the sources can.
 * @throws {RangeError} When `blockLength` is not an integer of at least 1.
 */
export function interleave<T>(
  sources: readonly AsyncIterable<T>[],
  { blockLength = 1 }: InterleaveOptions = {},
): AsyncIterable<T> {
  checkInteger(`interleave blocks of ${blockLength} items`, "length", blockLength, { min: 1 });
  return sourceOf({
    name: "interleave",
    facts: { blockLength },
    state: { turn: 0, taken: 0 },
    limits: { turn: Math.max(sources.length - 1, 0), taken: blockLength },
    sources: [...sources],
    begin({ inputs, state }: SourceRun<T, { turn: number; taken: number }>): Outputs<T> {
      const give = (pulled: Pulled<T>): Pulled<T> | Promise<Pulled<T>> => {
        if (pulled.done) return next();
        state.taken++;
        return pulled;
      };
      const next = (): Pulled<T> | Promise<Pulled<T>> => {
        if (inputs.every(({ ended }) => ended)) return END;
        let input = inputs[state.turn];
        while (!input || input.ended || state.taken >= blockLength) {
          state.turn = (state.turn + 1) % inputs.length;
          state.taken = 0;
          input = inputs[state.turn];
        }
        return andThen(input.pull(), give);
      };
      return next;
    },
  });
}
