/**
 * Layer normalization.
 *
 * @module
 */

import * as ops from "../ops/mod.ts";
import { countElements, formatShape, isImageShape } from "../types/_shape.ts";
import { checkEpsilon } from "./_check.ts";
import { checkInteger } from "./_check_settings.ts";
import { specifyAffine } from "./_parameters.ts";
import { type Layer, layer, type Shape } from "./layer.ts";

export type { Layer } from "./layer.ts";

/** The settings of layer normalization. */
export interface LayerNormOptions {
  /**
   * The number of last dimensions that are normalized together: 1 for the features or channels at each place, 3 for a whole image.
   *
   * @default {1}
   */
  readonly dimensions?: number;
  /**
   * The number that is added to the variance.
   *
   * @default {1e-5}
   */
  readonly epsilon?: number;
  /**
   * Whether there is a factor and an offset for each number that are learned.
   *
   * @default {true}
   */
  readonly affine?: boolean;
}

/**
 * Describes layer normalization (Ba et al., 2016), PyTorch's `LayerNorm` over the last dimensions: each example's numbers there
 * are normalized by their mean and (biased) variance, `y = (x - mean) / √(variance + epsilon) · weight + bias`. Of a whole image
 * the parameters are stored in PyTorch's order, C-H-W.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, layerNorm } from "@rill/rill/models";
 *
 * const network = build(layerNorm(), [7, 7, 64]);
 * assert(network._tag === "Right");
 * assertEquals(network.right.parameters.map(({ shape }) => shape), [[64], [64]]);
 * ```
 *
 * @param options The settings.
 * @returns The layer.
 * @throws {RangeError} If a setting is out of range.
 */
export function layerNorm(options: LayerNormOptions = {}): Layer {
  const { dimensions = 1, epsilon = 1e-5, affine = true } = options;
  checkInteger("layer normalization", { dimensions }, 1);
  checkEpsilon("layer normalization", epsilon);
  const describeShape = (input: Shape) => formatShape(input.slice(-dimensions)) || "?";
  return layer<"weight" | "bias">(
    (input) => `LayerNorm(${describeShape(input)}${affine ? "" : ", not affine"})`,
    (input) => {
      if (input.length < dimensions) {
        return `at least ${dimensions} ${dimensions === 1 ? "dimension" : "dimensions"}`;
      }
      const memory = input.slice(-dimensions);
      const layout = isImageShape(memory)
        ? { shape: [memory[2], memory[0], memory[1]], order: [1, 2, 0] }
        : { shape: memory };
      const axis = memory.map((_, i) => i - dimensions);
      return {
        outputShape: input,
        params: specifyAffine(affine, layout),
        kind: { type: "layerNorm", attributes: { dimensions, epsilon, affine } },
        flops: 8 * countElements(input),
        apply: (x, { weight, bias }) => {
          const centered = ops.subtract(x, ops.mean(x, { axis, keepDims: true }));
          const variance = ops.mean(ops.square(centered), { axis, keepDims: true });
          const normalized = ops.multiply(centered, ops.rsqrt(ops.add(variance, epsilon)));
          return affine ? ops.add(ops.multiply(normalized, weight), bias) : normalized;
        },
      };
    },
  );
}
