import { closeAll, Input } from "../stage/_input.ts";
import { output } from "../stage/_output.ts";
import { readSaved } from "../stage/_saved.ts";

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
  return output(all, (tracked, from) => {
    const saved = readSaved("concat", from);
    saved?.expect({ length: all.length });
    const first = saved?.count("at", Math.max(all.length - 1, 0)) ?? 0;
    const part = saved && all.length > 0 ? saved.part("source") : undefined;
    const inputs = all.slice(first).map((source, i) =>
      new Input(source, tracked, i === 0 ? part : undefined)
    );
    const place = { index: 0 };
    return {
      outputs: concatenated(inputs, place),
      inputs,
      position: () => {
        const source = inputs[place.index]?.position();
        const at = first + place.index;
        return { stage: "concat", length: all.length, at, ...source && { source } };
      },
    };
  });
}

async function* concatenated<T>(
  inputs: readonly Input<T>[],
  place: { index: number },
): AsyncGenerator<T, void, undefined> {
  try {
    while (true) {
      if (inputs.length > 0) yield* inputs[place.index] as AsyncIterable<T>;
      if (place.index + 1 >= inputs.length) return;
      place.index++;
    }
  } catch (error) {
    // The first error is the one to report, as in `for await`.
    await closeAll(inputs).catch(() => {});
    throw error;
  } finally {
    await closeAll(inputs);
  }
}
