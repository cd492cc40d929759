import { checkInteger } from "../_arguments/check_integer.ts";
import { closeAll, type Input, inputsOf, positionsOf } from "../stage/_input.ts";
import { output } from "../stage/_output.ts";
import { readSaved } from "../stage/_saved.ts";

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
  const all = [...sources];
  const facts = { blockLength };
  return output(all, (tracked, from) => {
    const saved = readSaved("interleave", from);
    saved?.expect(facts);
    const place = {
      turn: saved?.count("turn", Math.max(all.length - 1, 0)) ?? 0,
      taken: saved?.count("taken", blockLength) ?? 0,
    };
    const inputs = inputsOf(all, tracked, saved);
    return {
      outputs: interleaved(inputs, place, blockLength),
      inputs,
      position: () => ({
        stage: "interleave",
        ...facts,
        ...place,
        sources: positionsOf(inputs),
      }),
    };
  });
}

async function* interleaved<T>(
  inputs: readonly Input<T>[],
  place: { turn: number; taken: number },
  blockLength: number,
): AsyncGenerator<T, void, undefined> {
  try {
    while (inputs.some((input) => !input.ended)) {
      const input = inputs[place.turn];
      if (place.taken < blockLength && !input.ended) {
        const { done, value } = await input.pull();
        if (!done) {
          place.taken++;
          yield value;
          continue;
        }
      }
      place.turn = (place.turn + 1) % inputs.length;
      place.taken = 0;
    }
  } catch (error) {
    // The first error is the one to report, as in `for await`.
    await closeAll(inputs).catch(() => {});
    throw error;
  } finally {
    await closeAll(inputs);
  }
}
