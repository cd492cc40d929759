import { checkInteger } from "../_arguments/check_integer.ts";
import { findRandom } from "../stage/_random.ts";
import { findStart, requireStart } from "../stage/_start.ts";
import { extendHash, hash, pickBelow } from "./_hash.ts";
import { PURPOSES } from "./_purposes.ts";
import type { RandomOptions } from "./random_options.ts";

/** Gives the draws for an item by its position behind a source, which may carry a seed. */
export type DrawsOf = (source: AsyncIterable<unknown>) => (index: number) => Draws;

/**
 * Seeds the random numbers of a stage: by its own seed, or else by that of the pipeline and by the stage's place in it.
 *
 * @param stage The kind of stage.
 * @param verb The stage's action, for messages: `crop`.
 * @returns A function that gives the draws in a pipeline. It throws a RangeError where neither has a seed, or where the
 * positions aren't known.
 * @throws {RangeError} When the seed or the epoch is not an integer of at least 0, or there is an epoch alone.
 */
export function seedDraws(
  stage: keyof typeof PURPOSES,
  verb: string,
  { seed, epoch }: RandomOptions,
): DrawsOf {
  if (seed !== undefined) {
    checkSeed(verb, seed, epoch);
    const key = hash(PURPOSES[stage], seed, epoch ?? 0);
    return (source) => {
      requireStart(verb, findStart(source));
      return (index) => new Draws(extendHash(key, index));
    };
  }
  if (epoch !== undefined) {
    throw new RangeError(`Cannot ${verb} for epoch ${epoch} without a seed: give both or neither`);
  }
  return (source) => {
    const carried = findRandom(source);
    if (!carried) throw new RangeError(`Cannot ${verb} at random without a seed: ${NO_SEED}`);
    requireStart(verb, findStart(source));
    let key: number | undefined;
    return (index) => {
      key ??= hash(PURPOSES.place, PURPOSES[stage], carried.seed, carried.epoch, carried.place());
      return new Draws(extendHash(key, index));
    };
  };
}

const NO_SEED =
  "the pipeline before it has none, or lost it in a web stream or by joining sources " +
  "of different seeds; give the stage a seed, or put withSeed({ seed, epoch }) before it";

/** Checks the seed and the epoch of a stage or source, named by its verb. */
export function checkSeed(verb: string, seed: number, epoch = 0): void {
  checkInteger(`${verb} by seed ${seed}`, "seed", seed);
  checkInteger(`${verb} for epoch ${epoch}`, "epoch", epoch);
}

/**
 * Draws the random numbers for one item, one after the other: draw `n` is the hash of purpose, seed, epoch, index and
 * `n`.
 */
export class Draws {
  readonly #key: number;
  #count = 0;

  constructor(key: number) {
    this.#key = key;
  }

  /** Draws 32 bits, as a signed number. */
  bits(): number {
    return extendHash(this.#key, this.#count++);
  }

  /** Draws a number of at least 0 and below 1. */
  unit(): number {
    return (this.bits() >>> 0) / 2 ** 32;
  }

  /** Draws a number from `low` to `high`. */
  between([low, high]: readonly [number, number]): number {
    return low + (high - low) * this.unit();
  }

  /** Draws an integer from 0 to `bound - 1`. */
  below(bound: number): number {
    return pickBelow(bound, this.bits());
  }

  /** Draws from the standard normal distribution, by Box and Muller's formula of two numbers. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.unit()));
    return radius * Math.cos(2 * Math.PI * this.unit());
  }

  /**
   * Draws from the beta distribution with both parameters `alpha`: the share of one of two gamma variables in their
   * sum. Their logarithms are used, as both variables may be too small for a float.
   */
  beta(alpha: number): number {
    return 1 / (1 + Math.exp(this.#logGamma(alpha) - this.#logGamma(alpha)));
  }

  /**
   * Draws the logarithm of a gamma variable, by Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables"
   * (TOMS 2000), with their step for small shapes.
   */
  #logGamma(shape: number): number {
    if (shape < 1) return this.#logGamma(shape + 1) + Math.log(1 - this.unit()) / shape;
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    while (true) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      const u = 1 - this.unit();
      if (v > 0 && Math.log(u) < x * x / 2 + d - d * v + d * Math.log(v)) return Math.log(d * v);
    }
  }
}
