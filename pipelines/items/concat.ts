/**
 * Several sources, one after the other.
 *
 * @module
 */

import { Input } from "../stage/_input.ts";
import { makeIterable } from "../stage/_iterable.ts";
import { addStarts, carryStart } from "../stage/_start.ts";
import type { Position } from "../stage/position.ts";
import { andThen, END, type Pull, type Pulled } from "../stage/_pull.ts";

/**
 * Gives the items of one source after those of another. A source is begun when the one before it has ended, and all are
 * closed on every way out. Holds one item.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, concat } from "@rill/rill/pipelines";
 *
 * const items = concat([ReadableStream.from(["a", "b"]), ReadableStream.from(["c"])]);
 * assertEquals(await collect(items), ["a", "b", "c"]);
 * ```
 *
 * @typeParam T The type of the items.
 * @param sources The sources.
 * @returns Their items. They can be iterated anew where all the sources can.
 */
export function concat<T>(sources: readonly AsyncIterable<T>[]): AsyncIterable<T> {
  const all = [...sources];
  const items = makeIterable({
    name: "concat",
    facts: { length: all.length },
    state: { at: 0 },
    limits: { at: Math.max(all.length - 1, 0) },
    sources: all,
    begin: ({ state, saved, tracked }) => {
      const part = all.length > 0 ? saved?.part("source") : undefined;
      const inputs = all.map((source, i) =>
        i < state.at
          ? Input.ended<T>()
          : new Input(source, tracked, i === state.at ? part : undefined)
      );
      return {
        outputs: pullInTurn(inputs, state),
        inputs,
        parts: (): Position => {
          const source = inputs[state.at]?.position();
          return source ? { source } : {};
        },
      };
    },
  });
  return carryStart(items, addStarts(all));
}

function pullInTurn<T>(inputs: readonly Input<T>[], state: { at: number }): Pull<T> {
  const give = (pulled: Pulled<T>): Pulled<T> | Promise<Pulled<T>> =>
    pulled.done && state.at + 1 < inputs.length ? next(++state.at) : pulled;
  const next = (at: number): Pulled<T> | Promise<Pulled<T>> => {
    const input = inputs[at];
    return input ? andThen(input.pull(), give) : END;
  };
  return () => next(state.at);
}
