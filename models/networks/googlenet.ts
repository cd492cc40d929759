/**
 * GoogLeNet.
 *
 * @module
 */

import { relu } from "../layers/activations.ts";
import { batchNorm2d } from "../layers/batch_norm.ts";
import { checkInteger } from "../layers/_check_settings.ts";
import { withFileNames } from "../layers/_file_names.ts";
import { parallel } from "../layers/containers.ts";
import { dropout } from "../layers/dropout.ts";
import { normal } from "../layers/initializers.ts";
import { type Layer, layer } from "../layers/layer.ts";
import { linear } from "../layers/linear.ts";
import { globalAvgPool2d, maxPool2d } from "../layers/pooling.ts";
import { sequential } from "../layers/sequential.ts";
import * as ops from "../ops/mod.ts";
import { countElements } from "../types/_shape.ts";
import { convolve } from "./_convolve.ts";

export type { Layer } from "../layers/layer.ts";

/** The settings of `googlenet`. */
export interface GooglenetOptions {
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
  /**
   * Whether images that are normalized by ImageNet's mean and standard deviation are changed to a mean and standard deviation of
   * 0.5, as torchvision does (`transform_input`) for the weights that it offers. They must have three channels.
   *
   * @default {false}
   */
  readonly transformInput?: boolean;
}

/**
 * Describes GoogLeNet (Szegedy et al., 2015), with torchvision's names, layouts and first values: with batch normalization, 3 × 3
 * convolutions in the place of those of 5 × 5, and without the two auxiliary classifiers, whose tensors in a file are left over.
 * 6,624,904 parameters for 1000 classes and three channels, at any size of the image from 15 × 15 on; 224 × 224 is the usual one.
 *
 * The weights that torchvision offers were trained on images normalized by mean and standard deviation 0.5: give them such images,
 * or those of its usual normalization with `transformInput`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { build, getOrThrow, googlenet } from "@rill/rill/models";
 *
 * const { layers } = getOrThrow(build(googlenet(), [224, 224, 3]));
 * assertEquals(layers.reduce((sum, layer) => sum + layer.parameters, 0), 6_624_904);
 * ```
 *
 * @param options The settings.
 * @returns The model's description, for inputs of `[height, width, channels]`.
 * @throws {RangeError} If a setting is out of range.
 */
export function googlenet(
  { classes = 1000, dropout: rate = 0.2, transformInput = false }: GooglenetOptions = {},
): Layer {
  checkInteger("googlenet", { classes }, 1);
  const pool = (poolSize: 2 | 3) => maxPool2d({ poolSize, strides: 2, ceilMode: true });
  const network = sequential({
    ...transformInput && { transform: transform() },
    conv1: basicConv(64, 7, 2),
    maxpool1: pool(3),
    conv2: basicConv(64, 1),
    conv3: basicConv(192, 3),
    maxpool2: pool(3),
    inception3a: inception(64, [96, 128], [16, 32], 32),
    inception3b: inception(128, [128, 192], [32, 96], 64),
    maxpool3: pool(3),
    inception4a: inception(192, [96, 208], [16, 48], 64),
    inception4b: inception(160, [112, 224], [24, 64], 64),
    inception4c: inception(128, [128, 256], [24, 64], 64),
    inception4d: inception(112, [144, 288], [32, 64], 64),
    inception4e: inception(256, [160, 320], [32, 128], 128),
    maxpool4: pool(2),
    inception5a: inception(256, [160, 320], [32, 128], 128),
    inception5b: inception(384, [192, 384], [48, 128], 128),
    avgpool: globalAvgPool2d(),
    dropout: dropout(rate),
    fc: linear(classes, { initializer: normal(0.01) }),
  });
  return withFileNames(network, { isLeftOver: (name) => /^aux[12]\./.test(name) });
}

/** ImageNet's mean and standard deviation, by channel. */
const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];

/** Describes the change from images normalized by ImageNet's mean and standard deviation to such of 0.5. */
function transform(): Layer {
  return layer("TransformInput()", (input) => {
    if (input.length !== 3 || input[2] !== 3) return "an image of three channels";
    const scale = STD.map((std) => std / 0.5);
    const shift = MEAN.map((mean) => (mean - 0.5) / 0.5);
    const toTensor = (numbers: number[]) => ops.toTensor(Float32Array.from(numbers), [3]);
    return {
      outputShape: input,
      kind: { type: "affine", attributes: { scale, shift } },
      flops: 2 * countElements(input),
      apply: (x) => ops.add(ops.multiply(x, toTensor(scale)), toTensor(shift)),
    };
  });
}

/** Describes four ways from an image to channels that stand one behind the other: of single pixels, of windows, of larger ones, and of maxima. */
function inception(
  pixels: number,
  [reduced, windows]: readonly [number, number],
  [reducedLarger, larger]: readonly [number, number],
  maxima: number,
): Layer {
  return parallel({
    branch1: basicConv(pixels, 1),
    branch2: sequential([basicConv(reduced, 1), basicConv(windows, 3)]),
    branch3: sequential([basicConv(reducedLarger, 1), basicConv(larger, 3)]),
    branch4: sequential([
      maxPool2d({ poolSize: 3, strides: 1, padding: 1, ceilMode: true }),
      basicConv(maxima, 1),
    ]),
  });
}

/** Describes a convolution without a bias, with the normalization that would take it away. */
function basicConv(filters: number, kernelSize: 1 | 3 | 7, strides: 1 | 2 = 1): Layer {
  return sequential({
    conv: convolve(filters, kernelSize, { strides, initializer: normal(0.01) }),
    bn: batchNorm2d({ epsilon: 1e-3 }),
    relu: relu(),
  });
}
