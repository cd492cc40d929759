/**
 * Items with the positions after them, to be saved.
 *
 * @module
 */

import { Input, requireResumable } from "./_input.ts";
import { makeTransparentIterable } from "./_iterable.ts";
import { andThen, END, type Pull, type Pulled } from "./_pull.ts";
import type { Position } from "./position.ts";

export { type Position, PositionError } from "./position.ts";

/**
 * Gives each item with the position after it, from which {@linkcode resumeFrom} goes on. Holds one item.
 *
 * It goes behind all stages whose place matters, and before what saves the position. A position is put together for each
 * item, which costs about as much as the stages before it cost for it; before {@linkcode batch} that counts, after it not.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, prefetch, readIndexed, resumeFrom, withPosition } from "@rill/rill/pipelines";
 *
 * const letters = pipe(
 *   { length: 6, get: (index: number) => "abcdef"[index] },
 *   readIndexed({ seed: 1 }),
 *   prefetch(2),
 * );
 * const [, , third] = await collect(withPosition()(letters));
 * const [fourth] = await collect(resumeFrom(third?.[1])(letters));
 * assertEquals([third?.[0], fourth], (await collect(letters)).slice(2, 4));
 * ```
 *
 * @returns The stage. It throws a `TypeError` when a source in the pipeline is a plain stream, which has no positions.
 */
export function withPosition(): <T>(
  source: AsyncIterable<T>,
) => AsyncIterable<readonly [T, Position]> {
  return (source) => {
    requireResumable(source);
    return makeTransparentIterable(source, (_, from) => {
      const input = new Input(source, true, from);
      return {
        outputs: pullWithPosition(input),
        inputs: [input],
        source: () => input.position()!,
      };
    });
  };
}

function pullWithPosition<T>(input: Input<T>): Pull<readonly [T, Position]> {
  const give = (pulled: Pulled<T>): Pulled<readonly [T, Position]> =>
    pulled.done ? END : { done: false, value: [pulled.value, input.position()!] };
  return () => andThen(input.pull(), give);
}
