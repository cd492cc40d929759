/**
 * MobileNetV2.
 *
 * @module
 */

import { relu6 } from "../layers/activations.ts";
import { batchNorm2d } from "../layers/batch_norm.ts";
import { checkInteger } from "../layers/_check_settings.ts";
import { residual } from "../layers/containers.ts";
import { dropout } from "../layers/dropout.ts";
import { constant, normal } from "../layers/initializers.ts";
import type { Layer } from "../layers/layer.ts";
import { linear } from "../layers/linear.ts";
import { globalAvgPool2d } from "../layers/pooling.ts";
import { sequential } from "../layers/sequential.ts";
import { convolve } from "./_convolve.ts";

export type { Layer } from "../layers/layer.ts";

/** The settings of `mobilenetV2`. */
export interface MobilenetV2Options {
  /**
   * The number of classes.
   *
   * @default {1000}
   */
  readonly classes?: number;
  /**
   * The probability that a feature before the linear layer is dropped in training.
   *
   * @default {0.2}
   */
  readonly dropout?: number;
}

/**
 * Describes MobileNetV2 (Sandler et al., 2018), with torchvision's names, layouts and first values: convolutions of each channel by
 * itself between two of single pixels, and the way around them where the channels are few. 3,504,872 parameters for 1000 classes
 * and three channels, at any size of the image; 224 × 224 is the usual one.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { build, getOrThrow, mobilenetV2 } from "@rill/rill/models";
 *
 * const { layers } = getOrThrow(build(mobilenetV2(), [224, 224, 3]));
 * assertEquals(layers.reduce((sum, layer) => sum + layer.parameters, 0), 3_504_872);
 * ```
 *
 * @param options The settings.
 * @returns The model's description, for inputs of `[height, width, channels]`.
 * @throws {RangeError} If a setting is out of range.
 */
export function mobilenetV2(
  { classes = 1000, dropout: rate = 0.2 }: MobilenetV2Options = {},
): Layer {
  checkInteger("mobilenetV2", { classes }, 1);
  const blocks: Layer[] = [];
  let inputs = 32;
  for (const [expansion, filters, count, strides] of STAGES) {
    for (let i = 0; i < count; i++) {
      blocks.push(invertedResidual({ inputs, expansion, filters, strides: i === 0 ? strides : 1 }));
      inputs = filters;
    }
  }
  return sequential({
    features: sequential([
      convolveRectified(32, 3, { strides: 2 }),
      ...blocks,
      convolveRectified(1280, 1),
    ]),
    avgpool: globalAvgPool2d(),
    classifier: sequential([
      dropout(rate),
      linear(classes, { initializer: normal(0.01), biasInitializer: constant(0) }),
    ]),
  });
}

/** By how much the channels are expanded, how many come out, how many blocks there are, and the strides of the first. */
const STAGES: readonly (readonly [number, number, number, 1 | 2])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

/** Describes a convolution of many channels, each by itself, between the few of its input and the few of its output. */
function invertedResidual({ inputs, expansion, filters, strides }: {
  readonly inputs: number;
  readonly expansion: number;
  readonly filters: number;
  readonly strides: 1 | 2;
}): Layer {
  const hidden = inputs * expansion;
  const conv = sequential([
    ...expansion === 1 ? [] : [convolveRectified(hidden, 1)],
    convolveRectified(hidden, 3, { strides, groups: hidden }),
    convolve(filters, 1),
    batchNorm2d(),
  ]);
  return strides === 1 && inputs === filters
    ? residual(conv, { names: { body: "conv", shortcut: "" } })
    : sequential({ conv });
}

/** Describes a convolution, its normalization and its rectifier. */
function convolveRectified(
  filters: number,
  kernelSize: 1 | 3,
  window: { readonly strides?: 1 | 2; readonly groups?: number } = {},
): Layer {
  return sequential([convolve(filters, kernelSize, window), batchNorm2d(), relu6()]);
}
