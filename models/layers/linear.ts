/**
 * Fully connected layers.
 *
 * @module
 */

import * as ops from "../ops/_ops.ts";
import { isVectorShape } from "../types/_shape.ts";
import { checkInteger, makeLayer } from "./_make_layer.ts";
import type { Layer } from "./layer.ts";

export type { Layer } from "./layer.ts";

/**
 * Describes a fully connected layer with a bias: `[features]` to `[units]`, PyTorch's `Linear`.
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
 * @returns The layer.
 * @throws {RangeError} If `units` is not an integer of at least 1.
 */
export function linear(units: number): Layer {
  checkInteger("a linear layer", { units }, 1);
  return makeLayer<"weight" | "bias">(
    (shape) => `Linear(${shape[0] ?? "?"}, ${units})`,
    (inputShape) => {
      if (!isVectorShape(inputShape)) return "a vector of features: flatten() before it makes one";
      const [features] = inputShape;
      const shared = { fanIn: features, fanOut: units };
      return {
        outputShape: [units],
        parameters: [
          { name: "weight", role: "weight", shape: [units, features], order: [1, 0], ...shared },
          { name: "bias", role: "bias", shape: [units], order: [0], ...shared },
        ],
        flops: 2 * features * units,
        takesEpilogue: true,
        apply: (input, { weight, bias }, _, epilogue) => ops.linear(input, weight, bias, epilogue),
      };
    },
  );
}
