/**
 * SqueezeNet.
 *
 * @module
 */

import { relu } from "../layers/activations.ts";
import { checkInteger } from "../layers/_check_settings.ts";
import { parallel } from "../layers/containers.ts";
import { conv2d } from "../layers/conv2d.ts";
import { dropout } from "../layers/dropout.ts";
import { constant, kaimingUniform, normal } from "../layers/initializers.ts";
import type { Layer } from "../layers/layer.ts";
import { globalAvgPool2d, maxPool2d } from "../layers/pooling.ts";
import { sequential } from "../layers/sequential.ts";

export type { Layer } from "../layers/layer.ts";

/** The settings of `squeezenet1_1`. */
export interface SqueezenetOptions {
  /**
   * The number of classes.
   *
   * @default {1000}
   */
  readonly classes?: number;
  /**
   * The probability that a pixel of a channel before the last convolution is dropped in training.
   *
   * @default {0.5}
   */
  readonly dropout?: number;
}

/**
 * Describes SqueezeNet 1.1 (Iandola et al., 2016, in the version that its authors made leaner), with torchvision's names, layouts and
 * first values: convolutions of single pixels squeeze the channels before others expand them, and there is no linear layer.
 * 1,235,496 parameters for 1000 classes and three channels, at any size of the image from 17 × 17 on; 224 × 224 is the usual one.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { build, getOrThrow, squeezenet1_1 } from "@rill/rill/models";
 *
 * const { layers } = getOrThrow(build(squeezenet1_1(), [224, 224, 3]));
 * assertEquals(layers.reduce((sum, layer) => sum + layer.parameters, 0), 1_235_496);
 * ```
 *
 * @param options The settings.
 * @returns The model's description, for inputs of `[height, width, channels]`.
 * @throws {RangeError} If a setting is out of range.
 */
export function squeezenet1_1(
  { classes = 1000, dropout: rate = 0.5 }: SqueezenetOptions = {},
): Layer {
  checkInteger("squeezenet1_1", { classes }, 1);
  const pool = maxPool2d({ poolSize: 3, strides: 2, ceilMode: true });
  return sequential({
    features: sequential([
      convolve(64, 3, { strides: 2 }),
      relu(),
      pool,
      fire(16, 64),
      fire(16, 64),
      pool,
      fire(32, 128),
      fire(32, 128),
      pool,
      fire(48, 192),
      fire(48, 192),
      fire(64, 256),
      fire(64, 256),
    ]),
    classifier: sequential([
      dropout(rate),
      conv2d({
        filters: classes,
        kernelSize: 1,
        initializer: normal(0.01),
        biasInitializer: constant(0),
      }),
      relu(),
      globalAvgPool2d(),
    ]),
  });
}

/** Describes a convolution of single pixels to few channels, and two from there to many, which stand one behind the other. */
function fire(squeezed: number, expanded: number): Layer {
  return sequential({
    squeeze: convolve(squeezed, 1),
    relu: relu(),
    "": parallel({
      expand1x1: sequential({ "": convolve(expanded, 1), relu: relu() }),
      expand3x3: sequential({ "": convolve(expanded, 3, { padding: 1 }), relu: relu() }),
    }),
  });
}

function convolve(
  filters: number,
  kernelSize: 1 | 3,
  window: { readonly strides?: 2; readonly padding?: 1 } = {},
): Layer {
  return conv2d({
    filters,
    kernelSize,
    ...window,
    initializer: kaimingUniform(),
    biasInitializer: constant(0),
  });
}
