/**
 * Pairs of the items of two sources.
 *
 * @module
 */

import { Input } from "../stage/_input.ts";
import { makeIterable } from "../stage/_iterable.ts";
import { andThen, END, type Pull, type Pulled } from "../stage/_pull.ts";

/**
 * Pairs each item with one of another source. Ends with the shorter of the two, and closes both, also when one of them
 * fails. Holds one pair.
 *
 * The source is pulled first: where `other` is the shorter, one more item of the source has been pulled and is dropped.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, zip } from "@rill/rill/pipelines";
 *
 * const labels = ReadableStream.from(["boot", "bag"]);
 * const images = ReadableStream.from([9, 8, 7]);
 * assertEquals(await collect(zip(labels)(images)), [[9, "boot"], [8, "bag"]]);
 * ```
 *
 * @typeParam B The type of the other source's items.
 * @param other The other source. For the stage to be of use more than once it must be one that can be iterated anew.
 * @returns The stage.
 */
export function zip<B>(
  other: AsyncIterable<B>,
): <A>(source: AsyncIterable<A>) => AsyncIterable<readonly [A, B]> {
  return <A>(source: AsyncIterable<A>) =>
    makeIterable({
      name: "zip",
      state: {},
      sources: [source, other],
      itemsPerOutput: 1,
      begin: ({ saved, tracked }) => {
        const input = new Input(source, tracked, saved?.part("source"));
        const others = new Input(other, tracked, saved?.part("other"));
        return {
          outputs: pullPairs(input, others),
          inputs: [input, others],
          parts: () => ({ source: input.position()!, other: others.position()! }),
        };
      },
    });
}

function pullPairs<A, B>(input: Input<A>, others: Input<B>): Pull<readonly [A, B]> {
  const give = (pulled: Pulled<A>): Pulled<readonly [A, B]> | Promise<Pulled<readonly [A, B]>> => {
    if (pulled.done) return END;
    const { value } = pulled;
    return andThen(
      others.pull(),
      (other): Pulled<readonly [A, B]> =>
        other.done ? END : { done: false, value: [value, other.value] },
    );
  };
  return () => andThen(input.pull(), give);
}
