import { checkInteger } from "../_arguments/check_integer.ts";
import { below, hash, hashOn } from "./_hash.ts";
import type { RandomOptions } from "./random_options.ts";

/**
 * The first number of the hash: keeps the draws of one kind of stage apart from those of another by the same seed, and
 * from the orders of `indexPermutation` and `shuffle`, which have 1 and 2.
 */
const PURPOSES = {
  randomCrop: 101,
  randomResizedCrop: 102,
  flipHorizontal: 103,
  colorJitter: 104,
  pcaLighting: 105,
  randomErasing: 106,
  mixup: 107,
} as const;

/**
 * The random numbers of a stage: a function from an item's position to the draws for it.
 *
 * @param stage The kind of stage.
 * @param verb What it does, for messages.
 * @throws {RangeError} When the seed or the epoch is not an integer of at least 0.
 */
export function drawing(
  stage: keyof typeof PURPOSES,
  verb: string,
  { seed, epoch = 0 }: RandomOptions,
): (index: number) => Draws {
  checkInteger(`${verb} by seed ${seed}`, "seed", seed);
  checkInteger(`${verb} for epoch ${epoch}`, "epoch", epoch);
  const key = hash(PURPOSES[stage], seed, epoch);
  return (index) => new Draws(hashOn(key, index));
}

/** The draws for one item, one after the other: draw `n` is the hash of purpose, seed, epoch, index and `n`. */
export class Draws {
  readonly #key: number;
  #count = 0;

  constructor(key: number) {
    this.#key = key;
  }

  /** 32 bits, as a signed number. */
  bits(): number {
    return hashOn(this.#key, this.#count++);
  }

  /** A number from 0 on and below 1. */
  unit(): number {
    return (this.bits() >>> 0) / 2 ** 32;
  }

  /** A number from `low` to `high`. */
  between([low, high]: readonly [number, number]): number {
    return low + (high - low) * this.unit();
  }

  /** An integer from 0 to `bound - 1`. */
  below(bound: number): number {
    return below(bound, this.bits());
  }

  /** A number of the standard normal distribution, by Box and Muller's formula of two draws. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.unit()));
    return radius * Math.cos(2 * Math.PI * this.unit());
  }

  /**
   * A number of the beta distribution with both parameters `alpha`: the share of one of two gamma variables in their
   * sum. By their logarithms, as both may be too small for a number.
   */
  beta(alpha: number): number {
    return 1 / (1 + Math.exp(this.#logGamma(alpha) - this.#logGamma(alpha)));
  }

  /** Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables" (TOMS 2000), with their step for small shapes. */
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
