/**
 * The networks of the Visual Geometry Group.
 *
 * @module
 */

import { relu } from "../layers/activations.ts";
import { batchNorm2d } from "../layers/batch_norm.ts";
import { checkInteger } from "../layers/_check_settings.ts";
import { conv2d } from "../layers/conv2d.ts";
import { dropout } from "../layers/dropout.ts";
import { flatten } from "../layers/flatten.ts";
import { constant, kaimingNormal, normal } from "../layers/initializers.ts";
import type { Layer } from "../layers/layer.ts";
import { linear } from "../layers/linear.ts";
import { adaptiveAvgPool2d, maxPool2d } from "../layers/pooling.ts";
import { sequential } from "../layers/sequential.ts";

export type { Layer } from "../layers/layer.ts";

/** The settings of the VGG networks. */
export interface VggOptions {
  /**
   * The number of classes.
   *
   * @default {1000}
   */
  readonly classes?: number;
  /**
   * Whether each convolution is followed by batch normalization, as in torchvision's `vgg11_bn` and `vgg16_bn`.
   *
   * @default {false}
   */
  readonly batchNorm?: boolean;
  /**
   * The probability that a feature of the two hidden linear layers is dropped in training.
   *
   * @default {0.5}
   */
  readonly dropout?: number;
}

/**
 * Describes the VGG network of 11 layers (Simonyan and Zisserman, 2015; its configuration A), with torchvision's names, layouts and
 * first values. 132,863,336 parameters for 1000 classes and three channels (132,868,840 with batch normalization), at any size of
 * the image from 32 × 32 on; 224 × 224 is the usual one.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { build, getOrThrow, vgg11 } from "@rill/rill/models";
 *
 * const { layers } = getOrThrow(build(vgg11(), [224, 224, 3]));
 * assertEquals(layers.reduce((sum, layer) => sum + layer.parameters, 0), 132_863_336);
 * ```
 *
 * @param options The settings.
 * @returns The model's description, for inputs of `[height, width, channels]`.
 * @throws {RangeError} If a setting is out of range.
 */
export function vgg11(options: VggOptions = {}): Layer {
  return vgg("vgg11", [[64], [128], [256, 256], [512, 512], [512, 512]], options);
}

/**
 * Describes the VGG network of 16 layers (Simonyan and Zisserman, 2015; its configuration D), with torchvision's names, layouts and
 * first values. 138,357,544 parameters for 1000 classes and three channels (138,365,992 with batch normalization), at any size of
 * the image from 32 × 32 on; 224 × 224 is the usual one.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { build, getOrThrow, vgg16 } from "@rill/rill/models";
 *
 * const { layers } = getOrThrow(build(vgg16(), [224, 224, 3]));
 * assertEquals(layers.reduce((sum, layer) => sum + layer.parameters, 0), 138_357_544);
 * ```
 *
 * @param options The settings.
 * @returns The model's description, for inputs of `[height, width, channels]`.
 * @throws {RangeError} If a setting is out of range.
 */
export function vgg16(options: VggOptions = {}): Layer {
  const blocks = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]];
  return vgg("vgg16", blocks, options);
}

/** Describes blocks of convolutions, each of which ends with a pool, by the numbers of their filters. */
function vgg(
  name: string,
  blocks: readonly (readonly number[])[],
  { classes = 1000, batchNorm = false, dropout: rate = 0.5 }: VggOptions,
): Layer {
  checkInteger(name, { classes }, 1);
  const convolve = (filters: number): Layer[] => [
    conv2d({
      filters,
      kernelSize: 3,
      padding: 1,
      initializer: kaimingNormal({ fan: "out" }),
      biasInitializer: constant(0),
    }),
    ...batchNorm ? [batchNorm2d()] : [],
    relu(),
  ];
  const drawn = { initializer: normal(0.01), biasInitializer: constant(0) };
  return sequential({
    features: sequential(
      blocks.flatMap((block) => [...block.flatMap(convolve), maxPool2d({ poolSize: 2 })]),
    ),
    avgpool: adaptiveAvgPool2d(7),
    flatten: flatten(),
    classifier: sequential([
      linear(4096, drawn),
      relu(),
      dropout(rate),
      linear(4096, drawn),
      relu(),
      dropout(rate),
      linear(classes, drawn),
    ]),
  });
}
