import { checkInteger } from "../_arguments/check_integer.ts";
import { hash } from "../random/_hash.ts";
import { PURPOSES } from "../random/_purposes.ts";
import { closeAll, type Input, inputsOf, positionsOf } from "../stage/_input.ts";
import { output, type Place } from "../stage/_output.ts";
import { readSaved } from "../stage/_saved.ts";

/** Options of {@linkcode mix}. */
export interface MixOptions {
  /**
   * How often each source is chosen, in proportion to the others: a number above 0 for each.
   *
   * @default {1 for each}
   */
  readonly weights?: readonly number[];
  /** The seed of the choices, an integer of at least 0. */
  readonly seed: number;
  /**
   * The epoch, an integer of at least 0. Each has choices of its own.
   *
   * @default {0}
   */
  readonly epoch?: number;
  /**
   * Whether the mixture ends with the first source that ends, or with the last; then the others go on in their
   * proportions.
   *
   * @default {"last"}
   */
  readonly endsWith?: "first" | "last";
}

/**
 * Mixes several sources: each item comes from one that is chosen at random, by weights. Each source's items stay in their
 * order. Holds one item; all sources are closed on every way out.
 *
 * The choice is a function of the seed, the epoch and the item's position alone, and of which sources have ended, so the
 * same sources mix in the same order every time. That order is part of the contract: it stays the same in every version.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, mix } from "@rill/rill/pipelines";
 *
 * const photos = ReadableStream.from(["p0", "p1", "p2", "p3", "p4", "p5"]);
 * const drawings = ReadableStream.from(["d0", "d1"]);
 * const items = await collect(mix([photos, drawings], { weights: [3, 1], seed: 1 }));
 * assertEquals(items.filter((item) => item.startsWith("p")).join(), "p0,p1,p2,p3,p4,p5");
 * assertEquals(items.filter((item) => item.startsWith("d")).join(), "d0,d1");
 * ```
 *
 * @typeParam T The type of the items.
 * @param sources The sources.
 * @param options How to choose among them, and when to end.
 * @returns Their items. They can be iterated anew where all the sources can.
 * @throws {RangeError} When there is not one finite weight above 0 for each source, or `seed` or `epoch` is not a whole
 * number of at least 0.
 */
export function mix<T>(
  sources: readonly AsyncIterable<T>[],
  { weights = sources.map(() => 1), seed, epoch = 0, endsWith = "last" }: MixOptions,
): AsyncIterable<T> {
  checkInteger(`mix by seed ${seed}`, "seed", seed);
  checkInteger(`mix for epoch ${epoch}`, "epoch", epoch);
  const areGood = weights.every((weight) => weight > 0) &&
    Number.isFinite(weights.reduce((a, b) => a + b, 0));
  if (weights.length !== sources.length || !areGood) {
    throw new RangeError(
      `Cannot mix ${sources.length} sources by the weights [${weights.join(", ")}]: ` +
        "there must be one for each, finite and above 0",
    );
  }
  const all = [...sources];
  const facts = { weights: [...weights], seed, epoch };
  return output(all, (tracked, from) => {
    const saved = readSaved("mix", from);
    saved?.expect(facts);
    const place = { index: saved?.count("index") ?? 0 };
    const inputs = inputsOf(all, tracked, saved);
    const choose = (index: number): Input<T> =>
      inputs[choice(facts.weights, inputs, hash(PURPOSES.mix, seed, epoch, index))];
    return {
      outputs: mixed(inputs, place, choose, endsWith === "first"),
      inputs,
      position: () => ({
        stage: "mix",
        ...facts,
        index: place.index,
        sources: positionsOf(inputs),
      }),
    };
  });
}

async function* mixed<T>(
  inputs: readonly Input<T>[],
  place: Place,
  choose: (index: number) => Input<T>,
  endsWithFirst: boolean,
): AsyncGenerator<T, void, undefined> {
  try {
    while (endsWithFirst ? inputs.every(isOpen) && inputs.length > 0 : inputs.some(isOpen)) {
      const { done, value } = await choose(place.index).pull();
      if (done) continue;
      place.index++;
      yield value;
    }
  } catch (error) {
    // The first error is the one to report, as in `for await`.
    await closeAll(inputs).catch(() => {});
    throw error;
  } finally {
    await closeAll(inputs);
  }
}

const isOpen = (input: Input<unknown>): boolean => !input.ended;

/** Chooses one of the sources that have not ended, by 32 random bits. */
function choice(
  weights: readonly number[],
  inputs: readonly Input<unknown>[],
  bits: number,
): number {
  const total = weights.reduce((sum, weight, i) => isOpen(inputs[i]) ? sum + weight : sum, 0);
  let left = (bits >>> 0) / 2 ** 32 * total;
  let chosen = 0;
  for (let i = 0; i < weights.length; i++) {
    if (!isOpen(inputs[i])) continue;
    chosen = i;
    left -= weights[i];
    if (left < 0) break;
  }
  return chosen;
}
