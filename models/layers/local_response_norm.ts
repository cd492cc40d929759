/**
 * Local response normalization.
 *
 * @module
 */

import * as ops from "../ops/mod.ts";
import { countElements } from "../types/_shape.ts";
import { checkFinite, checkInteger } from "./_check_settings.ts";
import { type Layer, layer } from "./layer.ts";

export type { Layer } from "./layer.ts";

/** The settings of local response normalization. */
export interface LocalResponseNormOptions {
  /** The number of neighboring channels. */
  readonly size: number;
  /**
   * The factor of the mean of the neighbors' squares.
   *
   * @default {1e-4}
   */
  readonly alpha?: number;
  /**
   * The exponent.
   *
   * @default {0.75}
   */
  readonly beta?: number;
  /**
   * The number that is added.
   *
   * @default {1}
   */
  readonly k?: number;
}

/**
 * Describes local response normalization (Krizhevsky et al., 2012), with the convention of PyTorch's `LocalResponseNorm`:
 * `x / (k + alpha / size · Σ x²)^beta`, the sum over the `size` channels around each, of which those beyond the first and last are
 * 0. (The paper's alpha isn't divided by the size: its 10⁻⁴ with 5 channels is 5 · 10⁻⁴ here.)
 *
 * @example Usage
 * ```ts
 * import { conv2d, localResponseNorm, relu, sequential } from "@rill/rill/models";
 *
 * sequential([
 *   conv2d({ filters: 96, kernelSize: 11, strides: 4 }),
 *   relu(),
 *   localResponseNorm({ size: 5, alpha: 5e-4, k: 2 }),
 * ]);
 * ```
 *
 * @param options The settings.
 * @returns The layer, for inputs whose last dimension is that of the channels.
 * @throws {RangeError} If a setting is out of range.
 */
export function localResponseNorm(options: LocalResponseNormOptions): Layer {
  const { size, alpha = 1e-4, beta = 0.75, k = 1 } = options;
  checkInteger("local response normalization", { size }, 1);
  checkFinite("local response normalization", { alpha, beta, k });
  return layer(`LocalResponseNorm(${size}, alpha ${alpha}, beta ${beta}, k ${k})`, (input) => {
    if (input.length === 0) return "at least one dimension, the channels";
    return {
      outputShape: input,
      kind: { type: "localResponseNorm", attributes: { size, alpha, beta, k } },
      flops: (size + 4) * countElements(input),
      apply: (x) => {
        const squares = ops.square(x);
        const before = Math.floor(size / 2);
        const padded = ops.pad(squares, [
          ...x.shape.slice(1).map((): [number, number] => [0, 0]),
          [before, size - 1 - before],
        ]);
        const channels = input.at(-1)!;
        const window = (from: number) => {
          const begin = x.shape.map((_, d) => d === x.shape.length - 1 ? from : 0);
          return ops.slice(padded, begin, [...x.shape.slice(0, -1), from + channels]);
        };
        let sum = window(0);
        for (let from = 1; from < size; from++) sum = ops.add(sum, window(from));
        const base = ops.add(ops.multiply(sum, alpha / size), k);
        return ops.multiply(x, ops.power(base, -beta));
      },
    };
  });
}
