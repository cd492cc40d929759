/**
 * Several sources mixed at random, by weights.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { hash } from "../random/_hash.ts";
import { PURPOSES } from "../random/_purposes.ts";
import { andThen, END, type Pulled } from "../stage/_pull.ts";
import { addStarts, carryStart, requireStart } from "../stage/_start.ts";
import { type Outputs, sourceOf, type SourceRun } from "../stage/stage_of.ts";

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
 * Sources that begin in the middle of an epoch, each where it was, go on in it.
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
 * number of at least 0, or a source begins in the middle of an epoch, behind a stage that hides how many of its items come before.
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
  const shares = [...weights];
  const start = addStarts(sources);
  requireStart("mix", start);
  const items = sourceOf({
    name: "mix",
    facts: { weights: shares, seed, epoch },
    state: { index: start },
    sources: [...sources],
    begin({ inputs, state }: SourceRun<T, { index: number }>): Outputs<T> {
      const isOver = () =>
        endsWith === "first"
          ? inputs.length === 0 || inputs.some(({ ended }) => ended)
          : inputs.every(({ ended }) => ended);
      const findOpen = () => shares.map((share, i) => inputs[i]?.ended ? 0 : share);
      let open = findOpen();
      const give = (pulled: Pulled<T>): Pulled<T> | Promise<Pulled<T>> => {
        if (pulled.done) {
          open = findOpen();
          return next();
        }
        state.index++;
        return pulled;
      };
      const next = (): Pulled<T> | Promise<Pulled<T>> => {
        if (isOver()) return END;
        const chosen = choose(open, hash(PURPOSES.mix, seed, epoch, state.index));
        return andThen(inputs[chosen]!.pull(), give);
      };
      return next;
    },
  });
  return carryStart(items, start);
}

/** Chooses one of the weights above 0 by 32 random bits, and gives its index. */
function choose(weights: readonly number[], bits: number): number {
  let left = (bits >>> 0) / 2 ** 32 * weights.reduce((sum, weight) => sum + weight, 0);
  let chosen = 0;
  for (const [i, weight] of weights.entries()) {
    if (weight === 0) continue;
    chosen = i;
    left -= weight;
    if (left < 0) break;
  }
  return chosen;
}
