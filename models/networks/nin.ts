/**
 * The network in network.
 *
 * @module
 */

import { relu } from "../layers/activations.ts";
import { checkInteger } from "../layers/_check_settings.ts";
import { conv2d } from "../layers/conv2d.ts";
import { dropout } from "../layers/dropout.ts";
import type { Layer } from "../layers/layer.ts";
import { globalAvgPool2d, maxPool2d } from "../layers/pooling.ts";
import { sequential } from "../layers/sequential.ts";

export type { Layer } from "../layers/layer.ts";

/** The settings of `nin`. */
export interface NinOptions {
  /**
   * The number of classes.
   *
   * @default {10}
   */
  readonly classes?: number;
  /**
   * The probability that a pixel of a channel before the last block is dropped in training.
   *
   * @default {0.5}
   */
  readonly dropout?: number;
}

/**
 * Describes the network in network (Lin, Chen and Yan, 2013) as _Dive into Deep Learning_ has it (8.3): convolutions each followed by
 * two of single pixels, and in the place of linear layers a mean of each class's channel. 1,992,166 parameters for 10 classes and
 * one channel, at any size of the image from 67 × 67 on; 224 × 224 is the usual one. Its layers are named by their places, as in
 * the book's `nn.Sequential`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { build, getOrThrow, nin } from "@rill/rill/models";
 *
 * const { layers } = getOrThrow(build(nin(), [224, 224, 1]));
 * assertEquals(layers.reduce((sum, layer) => sum + layer.parameters, 0), 1_992_166);
 * ```
 *
 * @param options The settings.
 * @returns The model's description, for inputs of `[height, width, channels]`.
 * @throws {RangeError} If a setting is out of range.
 */
export function nin({ classes = 10, dropout: rate = 0.5 }: NinOptions = {}): Layer {
  checkInteger("nin", { classes }, 1);
  const pool = maxPool2d({ poolSize: 3, strides: 2 });
  return sequential([
    ninBlock(96, { kernelSize: 11, strides: 4, padding: 0 }),
    pool,
    ninBlock(256, { kernelSize: 5, strides: 1, padding: 2 }),
    pool,
    ninBlock(384, { kernelSize: 3, strides: 1, padding: 1 }),
    pool,
    dropout(rate),
    ninBlock(classes, { kernelSize: 3, strides: 1, padding: 1 }),
    globalAvgPool2d(),
  ]);
}

/** Describes a convolution, and two of single pixels that are a small network for each of them. */
function ninBlock(
  filters: number,
  window: { readonly kernelSize: number; readonly strides: number; readonly padding: number },
): Layer {
  return sequential([
    conv2d({ filters, ...window }),
    relu(),
    conv2d({ filters, kernelSize: 1 }),
    relu(),
    conv2d({ filters, kernelSize: 1 }),
    relu(),
  ]);
}
