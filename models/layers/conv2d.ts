/**
 * Convolutions.
 *
 * @module
 */

import { applyEpilogue, conv2d as convolveFused } from "../ops/_products.ts";
import type { Padding } from "../ops/_windows.ts";
import * as ops from "../ops/mod.ts";
import { countElements, isImageShape } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import { checkInteger } from "./_check_settings.ts";
import { withFusion } from "./_fusion.ts";
import { foldNormalization, type Weights } from "./_fold_normalization.ts";
import { specifyProduct } from "./_parameters.ts";
import {
  type Both,
  checkPadding,
  formatBoth,
  listPadding,
  placeWindows,
  toPair,
} from "./_windows.ts";
import type { Initializer } from "./initializers.ts";
import { type Layer, layer, type Plan } from "./layer.ts";

export type { Padding } from "../ops/_windows.ts";
export type { Initializer } from "./initializers.ts";
export type { Layer } from "./layer.ts";

/** The settings of a convolution. */
export interface Conv2dOptions {
  /** The number of output channels. */
  readonly filters: number;
  /** Side of the window in pixels, or its height and width. */
  readonly kernelSize: number | readonly [height: number, width: number];
  /** Pixels from one window to the next, in both directions or down and across; 1 by default. */
  readonly strides?: number | readonly [down: number, across: number];
  /** Rows and columns of zeros around the image; 0 by default. */
  readonly padding?: Padding;
  /** Pixels from one weight of a window to the next, in both directions or down and across; 1 by default. */
  readonly dilation?: number | readonly [down: number, across: number];
  /**
   * The number of groups in which the channels come that don't mix; 1 by default. It divides the channels and the filters. As
   * many as there are channels make the convolution depthwise.
   */
  readonly groups?: number;
  /** Whether a learned number is added to each output channel; true by default. */
  readonly bias?: boolean;
  /** Draws the weights; by default the initializer that `init` is given. */
  readonly initializer?: Initializer;
  /** Draws the bias; by default the initializer that `init` is given. */
  readonly biasInitializer?: Initializer;
}

/**
 * Describes a two-dimensional convolution: `[height, width, channels]` to
 * `[⌊(height + padding - dilation · (kernelSize - 1) - 1) / strides⌋ + 1, …, filters]`, the padding that of both sides; PyTorch's
 * `Conv2d`. With groups, each share of the filters sees its share of the channels alone.
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
  const what = "a convolution";
  const { filters, padding = 0, groups = 1, bias = true } = options;
  const windows = {
    size: toPair(what, "kernelSize", options.kernelSize),
    strides: toPair(what, "strides", options.strides ?? 1),
    dilation: toPair(what, "dilation", options.dilation ?? 1),
    padding,
  };
  checkInteger(what, { filters, groups }, 1);
  checkPadding(what, padding);
  if (filters % groups !== 0) {
    throw new RangeError(
      `Cannot describe a convolution with ${groups} groups: they must divide its ${filters} filters`,
    );
  }
  const { size: [down, across], strides, dilation } = windows;
  return layer<"weight" | "bias">(
    (input) => `Conv2d(${[input[2] ?? "?", filters, ...listSettings(options)].join(", ")})`,
    (input) => {
      if (!isImageShape(input)) return "an image: height x width x channels";
      const channels = input[2];
      if (channels % groups !== 0) return `channels that ${groups} groups divide`;
      const placed = placeWindows(what, input, windows);
      if (typeof placed === "string") return placed;
      const outputShape = [...placed.counts, filters];
      const depth = channels / groups;
      const fanIn = depth * down * across;
      const convolve = (x: Tensor, own: Weights) =>
        ops.conv2d(x, own.weight, {
          strides,
          padding: placed.padding,
          dilation,
          groups,
          ...own.bias && { bias: own.bias },
        });
      const plan: Plan<"weight" | "bias"> = {
        outputShape,
        params: specifyProduct({
          shape: [filters, depth, down, across],
          order: [2, 3, 1, 0],
          fanIn,
          fanOut: filters * down * across,
        }, options),
        kind: {
          type: "conv2d",
          attributes: {
            filters,
            kernelSize: windows.size,
            strides,
            padding: placed.padding,
            dilation,
            groups,
            bias,
          },
        },
        flops: 2 * fanIn * countElements(outputShape),
        apply: convolve,
      };
      // One program for the product and what follows has one number for each of these.
      const [pad] = placed.padding;
      const isPlain = groups === 1 && strides[0] === strides[1] && dilation.every((n) => n === 1) &&
        placed.padding.every((n) => n === pad);
      return withFusion(plan, {
        product: (x, own, { normalization, ...rest }) => {
          const used = normalization ? foldNormalization(own, normalization()) : own;
          return isPlain
            ? convolveFused(x, used.weight, used.bias, strides[0], pad, rest)
            : applyEpilogue(convolve(x, used), rest);
        },
      });
    },
  );
}

/** Lists the settings that aren't the usual ones, for people. */
function listSettings(options: Conv2dOptions): string[] {
  const { kernelSize, strides = 1, padding = 0, dilation = 1, groups = 1, bias = true } = options;
  const list = (name: string, value: Both) =>
    formatBoth(value) === "1" ? [] : [`${name} ${formatBoth(value)}`];
  return [
    `kernel ${formatBoth(kernelSize)}`,
    ...list("stride", strides),
    ...listPadding(padding),
    ...list("dilation", dilation),
    ...list("groups", groups),
    ...bias ? [] : ["no bias"],
  ];
}
