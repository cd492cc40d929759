/**
 * Pooling layers.
 *
 * @module
 */

import * as ops from "../ops/_ops.ts";
import { countElements, isImageShape } from "../types/_shape.ts";
import { checkInteger } from "./_check.ts";
import { type Layer, layer } from "./layer.ts";

export type { Layer } from "./layer.ts";

/** The settings of a pooling layer. */
export interface MaxPool2dOptions {
  /** Side of the square window, in pixels. */
  readonly poolSize: number;
  /** Pixels from one window to the next; `poolSize` by default. */
  readonly strides?: number;
}

/**
 * Describes a layer that takes the maximum of each channel in each window, without padding: `[height, width, channels]` to
 * `[⌊(height - poolSize) / strides⌋ + 1, …, channels]`, PyTorch's `MaxPool2d`.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, maxPool2d } from "@rill/rill/models";
 *
 * const layer = build(maxPool2d({ poolSize: 3, strides: 2 }), [54, 54, 96]);
 * assert(layer._tag === "Right");
 * assertEquals(layer.right.outputShape, [26, 26, 96]);
 * ```
 *
 * @param options The settings.
 * @returns The layer.
 * @throws {RangeError} If a setting is not an integer of at least 1.
 */
export function maxPool2d(options: MaxPool2dOptions): Layer {
  const { poolSize, strides = poolSize } = options;
  checkInteger("a pooling layer", { poolSize, strides }, 1);
  return layer(`MaxPool2d(${poolSize}, stride ${strides})`, (input) => {
    if (!isImageShape(input)) return "an image: height x width x channels";
    const [height, width, channels] = input;
    if (height < poolSize || width < poolSize) return `at least ${poolSize} x ${poolSize} pixels`;
    const outputShape = [height, width].map((length) =>
      Math.floor((length - poolSize) / strides) + 1
    ).concat(channels);
    return {
      outputShape,
      kind: { type: "maxPool2d", attributes: { poolSize, strides } },
      flops: (poolSize * poolSize - 1) * countElements(outputShape),
      apply: (x) => ops.maxPool2d(x, poolSize, strides),
    };
  });
}
