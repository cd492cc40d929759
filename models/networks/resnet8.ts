/**
 * The small residual network of 8 layers, for small images and processors.
 *
 * @module
 */

import { relu } from "../layers/activations.ts";
import { batchNorm2d } from "../layers/batch_norm.ts";
import { checkInteger } from "../layers/_check_settings.ts";
import { residual } from "../layers/containers.ts";
import type { Layer } from "../layers/layer.ts";
import { linear } from "../layers/linear.ts";
import { globalAvgPool2d, maxPool2d } from "../layers/pooling.ts";
import { sequential } from "../layers/sequential.ts";
import { convolve } from "./_convolve.ts";

export type { Layer } from "../layers/layer.ts";

/** The settings of `resnet8`. */
export interface Resnet8Options {
  /**
   * The number of classes.
   *
   * @default {10}
   */
  readonly classes?: number;
  /**
   * The number of the first convolution's filters. The next have twice as many, and the last four times.
   *
   * @default {32}
   */
  readonly filters?: number;
}

/**
 * Describes a residual network of 8 layers for small images: three times a convolution that is followed by pooling, the last two
 * times with a residual block behind, as in the ResNet-9 that trains fast on CIFAR-10 (Page, "How to Train Your ResNet", 2018),
 * but pooled from the first convolution on and of a half or a quarter of its filters, so that one picture of 28 × 28 takes 14
 * million multiplications. 463,594 parameters for 10 classes and one channel, at any size of the image from 8 × 8 on.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { build, getOrThrow, resnet8 } from "@rill/rill/models";
 *
 * const { layers, outputShape } = getOrThrow(build(resnet8(), [28, 28, 1]));
 * assertEquals(outputShape, [10]);
 * assertEquals(layers.reduce((sum, layer) => sum + layer.parameters, 0), 463_594);
 * ```
 *
 * @param options The settings.
 * @returns The model's description, for inputs of `[height, width, channels]`.
 * @throws {RangeError} If a setting is out of range.
 */
export function resnet8({ classes = 10, filters = 32 }: Resnet8Options = {}): Layer {
  checkInteger("resnet8", { classes, filters }, 1);
  return sequential({
    layer1: sequential({ "": pooledBlock(filters) }),
    layer2: sequential({ "": pooledBlock(2 * filters), residual: residualBlock(2 * filters) }),
    layer3: sequential({ "": pooledBlock(4 * filters), residual: residualBlock(4 * filters) }),
    avgpool: globalAvgPool2d(),
    fc: linear(classes),
  });
}

/** Describes a convolution that is pooled before it is normalized, which is less work than after. */
function pooledBlock(filters: number): Layer {
  return sequential({
    conv: convolve(filters, 3),
    pool: maxPool2d({ poolSize: 2 }),
    bn: batchNorm2d(),
    relu: relu(),
  });
}

/** Describes two convolutions around which the input is led. What is added is positive, and no rectifier follows. */
function residualBlock(filters: number): Layer {
  const body = sequential({
    conv1: convolve(filters, 3),
    bn1: batchNorm2d(),
    relu1: relu(),
    conv2: convolve(filters, 3),
    bn2: batchNorm2d(),
    relu2: relu(),
  });
  return residual(body, { names: { body: "", shortcut: "shortcut" } });
}
