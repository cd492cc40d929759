/**
 * Fully connected layers.
 *
 * @module
 */

import { linear as multiplyFused } from "../ops/_products.ts";
import { isVectorShape } from "../types/_shape.ts";
import { checkInteger } from "./_check_settings.ts";
import { withFusion } from "./_fusion.ts";
import { foldNormalization } from "./_fold_normalization.ts";
import { specifyProduct } from "./_parameters.ts";
import type { Initializer } from "./initializers.ts";
import { type Layer, layer } from "./layer.ts";

export type { Initializer } from "./initializers.ts";
export type { Layer } from "./layer.ts";

/** Options of {@linkcode linear}. */
export interface LinearOptions {
  /**
   * Whether a learned number is added to each output.
   *
   * @default {true}
   */
  readonly bias?: boolean;
  /**
   * Draws the weights.
   *
   * @default {the initializer that `init` is given}
   */
  readonly initializer?: Initializer;
  /**
   * Draws the bias.
   *
   * @default {the initializer that `init` is given}
   */
  readonly biasInitializer?: Initializer;
}

/**
 * Describes a fully connected layer: `[features]` to `[units]`, PyTorch's `Linear`.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, linear } from "@rill/rill/models";
 *
 * const layer = build(linear(10), [4096]);
 * assert(layer._tag === "Right");
 * assertEquals(layer.right.parameters.map(({ shape }) => shape), [[10, 4096], [10]]);
 * ```
 *
 * @param units The number of output features.
 * @param options The bias, and how the weights begin.
 * @returns The layer.
 * @throws {RangeError} If `units` is not an integer of at least 1.
 */
export function linear(units: number, options: LinearOptions = {}): Layer {
  const { bias = true } = options;
  checkInteger("a linear layer", { units }, 1);
  return layer<"weight" | "bias">(
    (input) => `Linear(${input[0] ?? "?"}, ${units}${bias ? "" : ", no bias"})`,
    (input) => {
      if (!isVectorShape(input)) return "a vector of features: flatten() before it makes one";
      const [features] = input;
      return withFusion<"weight" | "bias">({
        outputShape: [units],
        params: specifyProduct({
          shape: [units, features],
          order: [1, 0],
          fanIn: features,
          fanOut: units,
        }, options),
        kind: { type: "linear", attributes: { units, bias } },
        flops: 2 * features * units,
        apply: (x, own) => multiplyFused(x, own.weight, own.bias),
      }, {
        product: (x, own, { normalization, ...rest }) => {
          const used = normalization ? foldNormalization(own, normalization()) : own;
          return multiplyFused(x, used.weight, used.bias, rest);
        },
      });
    },
  );
}
