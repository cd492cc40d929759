/**
 * The first values of parameters.
 *
 * @module
 */

import type { Key } from "../random/key.ts";
import { checkFinite, checkWord } from "./_check_settings.ts";
import { initializeBy, uniformWithin } from "./_distributions.ts";

export type { Key } from "../random/key.ts";

/** What is known of a variable before it is drawn. */
export interface Drawn {
  /** The shape at rest. */
  readonly shape: readonly number[];
  /** The number of inputs that one output sums over. */
  readonly fanIn: number;
  /** The number of outputs that one input reaches. */
  readonly fanOut: number;
}

/** A function that draws a variable in its layout at rest, row by row: the same key gives the same numbers. */
export type Initializer = (key: Key, drawn: Drawn) => Float32Array<ArrayBuffer>;

/**
 * The distribution of the parameters whose layer doesn't say how they begin: `"pytorch"`, the default of PyTorch's layers,
 * uniform within ±1/√fanIn, weights and biases; `"kaiming"`, weights normal with standard deviation √(2/fanIn), biases 0 (He et
 * al., 2015); `"xavier"`, weights uniform within ±√(6/(fanIn+fanOut)), biases 0 (Glorot and Bengio, 2010).
 */
export type InitializerName = "pytorch" | "kaiming" | "xavier";

/** Whether the scale of a draw keeps the variance of outputs (`"in"`) or of gradients (`"out"`). */
export interface KaimingOptions {
  /**
   * Which fan the variance is divided by.
   *
   * @default {"in"}
   */
  readonly fan?: "in" | "out";
  /**
   * The factor of the activation that follows: √2 for ReLU, 1 for none.
   *
   * @default {Math.SQRT2}
   */
  readonly gain?: number;
}

/**
 * Initializes with one number.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { constant, randomKey } from "@rill/rill/models";
 *
 * const drawn = { shape: [2], fanIn: 1, fanOut: 1 };
 * assertEquals(constant(1)(randomKey(0), drawn), Float32Array.of(1, 1));
 * ```
 *
 * @param value The number.
 * @returns The initializer.
 * @throws {RangeError} If a setting is not finite.
 */
export function constant(value: number): Initializer {
  checkFinite("constant", { value });
  return initializeBy(() => ({ kind: "constant", value }));
}

/**
 * Initializes with numbers that are uniform in `[low, high)`.
 *
 * @example Usage
 * ```ts
 * import { assert } from "@std/assert";
 * import { randomKey, uniform } from "@rill/rill/models";
 *
 * const [x = 0] = uniform(2, 3)(randomKey(0), { shape: [1], fanIn: 1, fanOut: 1 });
 * assert(x >= 2 && x < 3);
 * ```
 *
 * @param low The least number.
 * @param high The number that all are below.
 * @returns The initializer.
 * @throws {RangeError} If a setting is not finite.
 */
export function uniform(low: number, high: number): Initializer {
  checkFinite("uniform", { low, high });
  return initializeBy(() => ({ kind: "uniform", low, high }));
}

/**
 * Initializes with normally distributed numbers.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { normal, randomKey } from "@rill/rill/models";
 *
 * const numbers = normal(0.01)(randomKey(0), { shape: [3, 4], fanIn: 4, fanOut: 3 });
 * assertEquals(numbers.length, 12);
 * ```
 *
 * @param std The standard deviation.
 * @param mean The mean; 0 by default.
 * @returns The initializer.
 * @throws {RangeError} If a setting is not finite.
 */
export function normal(std: number, mean = 0): Initializer {
  checkFinite("normal", { std, mean });
  return initializeBy(() => ({ kind: "normal", std, mean }));
}

/**
 * Initializes with normally distributed numbers of standard deviation `gain / √fan` (He et al., 2015), PyTorch's
 * `kaiming_normal_`.
 *
 * @example Usage
 * ```ts
 * import { conv2d, kaimingNormal } from "@rill/rill/models";
 *
 * conv2d({ filters: 64, kernelSize: 7, initializer: kaimingNormal({ fan: "out" }) });
 * ```
 *
 * @param options The fan and the gain.
 * @returns The initializer.
 * @throws {RangeError} If there is no such fan, or the gain is not finite.
 */
export function kaimingNormal({ fan = "in", gain = Math.SQRT2 }: KaimingOptions = {}): Initializer {
  checkKaiming("kaimingNormal", fan, gain);
  return initializeBy(({ fanIn, fanOut }) => ({
    kind: "normal",
    std: gain / Math.sqrt(fan === "in" ? fanIn : fanOut),
  }));
}

/**
 * Initializes with numbers that are uniform within `±gain · √(3 / fan)` (He et al., 2015), PyTorch's `kaiming_uniform_`.
 *
 * @example Usage
 * ```ts
 * import { kaimingUniform, linear } from "@rill/rill/models";
 *
 * linear(10, { initializer: kaimingUniform({ gain: 1 }) });
 * ```
 *
 * @param options The fan and the gain.
 * @returns The initializer.
 * @throws {RangeError} If there is no such fan, or the gain is not finite.
 */
export function kaimingUniform(
  { fan = "in", gain = Math.SQRT2 }: KaimingOptions = {},
): Initializer {
  checkKaiming("kaimingUniform", fan, gain);
  return initializeBy(({ fanIn, fanOut }) =>
    uniformWithin(gain * Math.sqrt(3 / (fan === "in" ? fanIn : fanOut)))
  );
}

/**
 * Initializes with normally distributed numbers of standard deviation `gain · √(2 / (fanIn + fanOut))` (Glorot and Bengio,
 * 2010), PyTorch's `xavier_normal_`.
 *
 * @example Usage
 * ```ts
 * import { linear, xavierNormal } from "@rill/rill/models";
 *
 * linear(10, { initializer: xavierNormal() });
 * ```
 *
 * @param gain The factor; 1 by default.
 * @returns The initializer.
 * @throws {RangeError} If a setting is not finite.
 */
export function xavierNormal(gain = 1): Initializer {
  checkFinite("xavierNormal", { gain });
  return initializeBy(({ fanIn, fanOut }) => ({
    kind: "normal",
    std: gain * Math.sqrt(2 / (fanIn + fanOut)),
  }));
}

/**
 * Initializes with numbers that are uniform within `±gain · √(6 / (fanIn + fanOut))` (Glorot and Bengio, 2010), PyTorch's
 * `xavier_uniform_`.
 *
 * @example Usage
 * ```ts
 * import { linear, xavierUniform } from "@rill/rill/models";
 *
 * linear(10, { initializer: xavierUniform() });
 * ```
 *
 * @param gain The factor; 1 by default.
 * @returns The initializer.
 * @throws {RangeError} If a setting is not finite.
 */
export function xavierUniform(gain = 1): Initializer {
  checkFinite("xavierUniform", { gain });
  return initializeBy(({ fanIn, fanOut }) => uniformWithin(gain * Math.sqrt(6 / (fanIn + fanOut))));
}

function checkKaiming(name: string, fan: string, gain: number): void {
  checkWord(name, "fan", fan, ["in", "out"]);
  checkFinite(name, { gain });
}
