/**
 * torchvision's AlexNet.
 *
 * @module
 */

import { relu } from "../layers/activations.ts";
import { checkInteger } from "../layers/_check_settings.ts";
import { conv2d } from "../layers/conv2d.ts";
import { dropout } from "../layers/dropout.ts";
import { flatten } from "../layers/flatten.ts";
import type { Layer } from "../layers/layer.ts";
import { linear } from "../layers/linear.ts";
import { adaptiveAvgPool2d, maxPool2d } from "../layers/pooling.ts";
import { sequential } from "../layers/sequential.ts";

export type { Layer } from "../layers/layer.ts";

/** The settings of `alexnetTorchvision`. */
export interface AlexnetTorchvisionOptions {
  /**
   * The number of classes.
   *
   * @default {1000}
   */
  readonly classes?: number;
  /**
   * The probability that a feature before each of the two hidden linear layers is dropped in training.
   *
   * @default {0.5}
   */
  readonly dropout?: number;
}

/**
 * Describes AlexNet as torchvision has it, which is the network of "One weird trick for parallelizing convolutional neural networks"
 * (Krizhevsky, 2014): one column, fewer filters than in 2012, no local response normalization. With torchvision's names, layouts
 * and first values. 61,100,840 parameters for 1000 classes and three channels, at any size of the image from 63 × 63 on; 224 × 224
 * is the usual one.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { build, getOrThrow, alexnetTorchvision } from "@rill/rill/models";
 *
 * const { layers } = getOrThrow(build(alexnetTorchvision(), [224, 224, 3]));
 * assertEquals(layers.reduce((sum, layer) => sum + layer.parameters, 0), 61_100_840);
 * ```
 *
 * @param options The settings.
 * @returns The model's description, for inputs of `[height, width, channels]`.
 * @throws {RangeError} If a setting is out of range.
 */
export function alexnetTorchvision(options: AlexnetTorchvisionOptions = {}): Layer {
  const { classes = 1000, dropout: rate = 0.5 } = options;
  checkInteger("alexnetTorchvision", { classes }, 1);
  const pool = maxPool2d({ poolSize: 3, strides: 2 });
  return sequential({
    features: sequential([
      conv2d({ filters: 64, kernelSize: 11, strides: 4, padding: 2 }),
      relu(),
      pool,
      conv2d({ filters: 192, kernelSize: 5, padding: 2 }),
      relu(),
      pool,
      conv2d({ filters: 384, kernelSize: 3, padding: 1 }),
      relu(),
      conv2d({ filters: 256, kernelSize: 3, padding: 1 }),
      relu(),
      conv2d({ filters: 256, kernelSize: 3, padding: 1 }),
      relu(),
      pool,
    ]),
    avgpool: adaptiveAvgPool2d(6),
    flatten: flatten(),
    classifier: sequential([
      dropout(rate),
      linear(4096),
      relu(),
      dropout(rate),
      linear(4096),
      relu(),
      linear(classes),
    ]),
  });
}
