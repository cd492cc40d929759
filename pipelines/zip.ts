import { closing } from "./_closing.ts";

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
  return (source) => closing(pairs(source, other), source, other);
}

async function* pairs<A, B>(
  source: AsyncIterable<A>,
  other: AsyncIterable<B>,
): AsyncGenerator<readonly [A, B], void, undefined> {
  const others = other[Symbol.asyncIterator]();
  // Whether `others` is to be closed: it has neither ended nor failed.
  let open = true;
  try {
    for await (const item of source) {
      open = false;
      const { done, value } = await others.next();
      if (done) return;
      open = true;
      yield [item, value];
    }
  } catch (error) {
    // The first error is the one to report, as in `for await`.
    if (open) await others.return?.().catch(() => {});
    open = false;
    throw error;
  } finally {
    if (open) await others.return?.();
  }
}
