/**
 * The AlexNet of 2012.
 *
 * @module
 */

import { relu } from "../layers/activations.ts";
import { checkInteger } from "../layers/_check_settings.ts";
import { conv2d } from "../layers/conv2d.ts";
import { dropout } from "../layers/dropout.ts";
import { flatten } from "../layers/flatten.ts";
import { constant, normal } from "../layers/initializers.ts";
import type { Layer } from "../layers/layer.ts";
import { linear } from "../layers/linear.ts";
import { localResponseNorm } from "../layers/local_response_norm.ts";
import { maxPool2d } from "../layers/pooling.ts";
import { sequential } from "../layers/sequential.ts";

export type { Layer } from "../layers/layer.ts";

/** The settings of `alexnet2012`. */
export interface Alexnet2012Options {
  /**
   * The number of classes.
   *
   * @default {1000}
   */
  readonly classes?: number;
  /**
   * The probability that a feature of the two hidden linear layers is dropped in training.
   *
   * @default {0.5}
   */
  readonly dropout?: number;
}

/**
 * Describes the AlexNet of Krizhevsky, Sutskever and Hinton (2012) as published: convolutions in two groups (of its two GPUs),
 * local response normalization with k = 2, n = 5, α = 10⁻⁴ and β = 0.75, overlapping pools, and the paper's first values.
 * 60,965,224 parameters for 227 × 227 × 3 and 1000 classes; 67 × 67 is the smallest input. Its two parts are named as
 * those of torchvision's AlexNet, `features` and `classifier`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { alexnet2012, build, getOrThrow } from "@rill/rill/models";
 *
 * const { layers } = getOrThrow(build(alexnet2012(), [227, 227, 3]));
 * assertEquals(layers.reduce((sum, layer) => sum + layer.parameters, 0), 60_965_224);
 * ```
 *
 * @param options The settings.
 * @returns The model's description, for inputs of `[height, width, channels]`.
 * @throws {RangeError} If a setting is out of range.
 */
export function alexnet2012(options: Alexnet2012Options = {}): Layer {
  const { classes = 1000, dropout: rate = 0.5 } = options;
  checkInteger("alexnet2012", { classes }, 1);
  // The paper's first values: the biases of 1 give the rectifiers something to learn from at once.
  const drawn = { initializer: normal(0.01), biasInitializer: constant(0) };
  const lifted = { initializer: normal(0.01), biasInitializer: constant(1) };
  // The paper's alpha is not divided by the number of channels.
  const normalize = localResponseNorm({ size: 5, alpha: 5 * 1e-4, beta: 0.75, k: 2 });
  const pool = maxPool2d({ poolSize: 3, strides: 2 });
  return sequential({
    features: sequential([
      conv2d({ filters: 96, kernelSize: 11, strides: 4, ...drawn }),
      relu(),
      normalize,
      pool,
      conv2d({ filters: 256, kernelSize: 5, padding: 2, groups: 2, ...lifted }),
      relu(),
      normalize,
      pool,
      conv2d({ filters: 384, kernelSize: 3, padding: 1, ...drawn }),
      relu(),
      conv2d({ filters: 384, kernelSize: 3, padding: 1, groups: 2, ...lifted }),
      relu(),
      conv2d({ filters: 256, kernelSize: 3, padding: 1, groups: 2, ...lifted }),
      relu(),
      pool,
    ]),
    flatten: flatten(),
    classifier: sequential([
      linear(4096, lifted),
      relu(),
      dropout(rate),
      linear(4096, lifted),
      relu(),
      dropout(rate),
      linear(classes, drawn),
    ]),
  });
}
