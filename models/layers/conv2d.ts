/**
 * Convolutions.
 *
 * @module
 */

import * as ops from "../ops/_ops.ts";
import { countElements, isImageShape } from "../types/_shape.ts";
import { checkInteger } from "./_check.ts";
import { withFusion } from "./_fusion.ts";
import type { Initializer } from "./initializers.ts";
import { type Layer, layer, type Plan } from "./layer.ts";

export type { Initializer } from "./initializers.ts";
export type { Layer } from "./layer.ts";

/** The settings of a convolution. */
export interface Conv2dOptions {
  /** The number of output channels. */
  readonly filters: number;
  /** Side of the square window, in pixels. */
  readonly kernelSize: number;
  /** Pixels from one window to the next; 1 by default. */
  readonly strides?: number;
  /** Rows and columns of zeros added on each side; 0 by default. */
  readonly padding?: number;
  /** The number of groups in which the channels come that don't mix; 1 by default. It divides the channels and the filters. */
  readonly groups?: number;
  /** Whether a learned number is added to each output channel; true by default. */
  readonly bias?: boolean;
  /** Draws the weights; by default the initializer that `init` is given. */
  readonly initializer?: Initializer;
}

/**
 * Describes a two-dimensional convolution: `[height, width, channels]` to
 * `[⌊(height + 2·padding - kernelSize) / strides⌋ + 1, …, filters]`, PyTorch's `Conv2d`. With groups, each share of the
 * filters sees its share of the channels alone; the backends compute one group after the other.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, conv2d } from "@rill/rill/models";
 *
 * const layer = build(conv2d({ filters: 96, kernelSize: 11, strides: 4 }), [224, 224, 1]);
 * assert(layer._tag === "Right");
 * assertEquals(layer.right.outputShape, [54, 54, 96]);
 * ```
 *
 * @param options The settings.
 * @returns The layer.
 * @throws {RangeError} If a setting is not an integer or too small, or if the groups don't divide the filters.
 */
export function conv2d(options: Conv2dOptions): Layer {
  const { filters, kernelSize, strides = 1, padding = 0, groups = 1, bias = true, initializer } =
    options;
  checkInteger("a convolution", { filters, kernelSize, strides, groups }, 1);
  checkInteger("a convolution", { padding }, 0);
  if (filters % groups !== 0) {
    throw new RangeError(
      `Cannot describe a convolution with ${groups} groups: they must divide its ${filters} filters`,
    );
  }
  const settings = `kernel ${kernelSize}` + (strides === 1 ? "" : `, stride ${strides}`) +
    (padding === 0 ? "" : `, padding ${padding}`) + (groups === 1 ? "" : `, groups ${groups}`) +
    (bias ? "" : ", no bias");
  return layer<"weight" | "bias">(
    (input) => `Conv2d(${input[2] ?? "?"}, ${filters}, ${settings})`,
    (input) => {
      if (!isImageShape(input)) return "an image: height x width x channels";
      const [height, width, channels] = input;
      if (channels % groups !== 0) return `channels that ${groups} groups divide`;
      const side = kernelSize - 2 * padding;
      if (height < side || width < side) return `at least ${side} x ${side} pixels`;
      const outputShape = [height, width].map((length) =>
        Math.floor((length + 2 * padding - kernelSize) / strides) + 1
      ).concat(filters);
      const fanIn = channels / groups * kernelSize * kernelSize;
      const fans = { fanIn, fanOut: filters * kernelSize * kernelSize };
      const plan: Plan<"weight" | "bias"> = {
        outputShape,
        params: {
          weight: {
            shape: [filters, channels / groups, kernelSize, kernelSize],
            order: [2, 3, 1, 0],
            ...fans,
            ...initializer && { initializer },
          },
          bias: bias ? { role: "bias", shape: [filters], ...fans } : undefined,
        },
        kind: {
          type: "conv2d",
          attributes: { filters, kernelSize, strides, padding, groups, bias },
        },
        flops: 2 * fanIn * countElements(outputShape),
        apply: (x, own) =>
          groups === 1
            ? ops.conv2d(x, own.weight, own.bias, strides, padding)
            : ops.groupedConv2d(x, own.weight, own.bias, strides, padding, groups),
      };
      // The groups of a convolution are products of their own.
      if (groups !== 1) return plan;
      return withFusion(plan, {
        product: (x, own, epilogue) =>
          ops.conv2d(x, own.weight, own.bias, strides, padding, epilogue),
      });
    },
  );
}
