/**
 * The residual network of 18 layers.
 *
 * @module
 */

import { relu } from "../layers/activations.ts";
import { batchNorm2d } from "../layers/batch_norm.ts";
import { checkInteger } from "../layers/_check_settings.ts";
import { residual } from "../layers/containers.ts";
import { conv2d } from "../layers/conv2d.ts";
import { kaimingNormal } from "../layers/initializers.ts";
import type { Layer } from "../layers/layer.ts";
import { linear } from "../layers/linear.ts";
import { globalAvgPool2d, maxPool2d } from "../layers/pooling.ts";
import { sequential } from "../layers/sequential.ts";

export type { Layer } from "../layers/layer.ts";

/** The settings of `resnet18`. */
export interface Resnet18Options {
  /**
   * The number of classes.
   *
   * @default {1000}
   */
  readonly classes?: number;
}

/**
 * Describes the residual network of 18 layers (He et al., 2016), with torchvision's names, layouts and first values. 11,689,512
 * parameters for 1000 classes and three channels, at any size of the image; 224 × 224 is the usual one.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { build, getOrThrow, resnet18 } from "@rill/rill/models";
 *
 * const { layers } = getOrThrow(build(resnet18(), [224, 224, 3]));
 * assertEquals(layers.reduce((sum, layer) => sum + layer.parameters, 0), 11_689_512);
 * ```
 *
 * @param options The settings.
 * @returns The model's description, for inputs of `[height, width, channels]`.
 * @throws {RangeError} If a setting is out of range.
 */
export function resnet18({ classes = 1000 }: Resnet18Options = {}): Layer {
  checkInteger("resnet18", { classes }, 1);
  return sequential({
    conv1: convolve(64, 7, 2),
    bn1: batchNorm2d(),
    relu: relu(),
    maxpool: maxPool2d({ poolSize: 3, strides: 2, padding: 1 }),
    layer1: sequential([basicBlock(64, 1), basicBlock(64, 1)]),
    layer2: sequential([basicBlock(128, 2), basicBlock(128, 1)]),
    layer3: sequential([basicBlock(256, 2), basicBlock(256, 1)]),
    layer4: sequential([basicBlock(512, 2), basicBlock(512, 1)]),
    avgpool: globalAvgPool2d(),
    fc: linear(classes),
  });
}

/** Describes two convolutions around which the input is led; where they halve the image, by a convolution of single pixels. */
function basicBlock(filters: number, strides: 1 | 2): Layer {
  const body = sequential({
    conv1: convolve(filters, 3, strides),
    bn1: batchNorm2d(),
    relu1: relu(),
    conv2: convolve(filters, 3, 1),
    bn2: batchNorm2d(),
  });
  const shortcut = strides === 1
    ? undefined
    : sequential([convolve(filters, 1, strides), batchNorm2d()]);
  return sequential({
    "": residual(body, { shortcut, names: { body: "", shortcut: "downsample" } }),
    relu2: relu(),
  });
}

/** Describes a convolution without a bias, which the normalization after it would take away. */
function convolve(filters: number, kernelSize: 1 | 3 | 7, strides: 1 | 2): Layer {
  return conv2d({
    filters,
    kernelSize,
    strides,
    padding: (kernelSize - 1) / 2,
    bias: false,
    initializer: kaimingNormal({ fan: "out" }),
  });
}
