import { Input } from "../stage/_input.ts";
import { output } from "../stage/_output.ts";
import { readSaved } from "../stage/_saved.ts";

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
    output([source, other], (tracked, from) => {
      const saved = readSaved("zip", from);
      const input = new Input(source, tracked, saved?.part("source"));
      const others = new Input(other, tracked, saved?.part("other"));
      return {
        outputs: pairs(input, others),
        inputs: [input, others],
        position: () => ({ stage: "zip", source: input.position(), other: others.position() }),
      };
    });
}

async function* pairs<A, B>(
  input: Input<A>,
  others: Input<B>,
): AsyncGenerator<readonly [A, B], void, undefined> {
  try {
    for await (const item of input) {
      const { done, value } = await others.pull();
      if (done) return;
      yield [item, value];
    }
  } catch (error) {
    // The first error is the one to report, as in `for await`.
    await others.close().catch(() => {});
    throw error;
  } finally {
    await others.close();
  }
}
