/**
 * The LeNet of *Dive into Deep Learning*.
 *
 * @module
 */

import { relu, sigmoid } from "../layers/activations.ts";
import { checkInteger, checkWord } from "../layers/_check_settings.ts";
import { conv2d } from "../layers/conv2d.ts";
import { dropout } from "../layers/dropout.ts";
import { flatten } from "../layers/flatten.ts";
import type { Layer } from "../layers/layer.ts";
import { linear } from "../layers/linear.ts";
import { avgPool2d } from "../layers/pooling.ts";
import { sequential } from "../layers/sequential.ts";

export type { Layer } from "../layers/layer.ts";

/** The settings of `lenet`. */
export interface LenetOptions {
  /**
   * The number of classes.
   *
   * @default {10}
   */
  readonly classes?: number;
  /**
   * The activation between its layers: the book's, or the rectifier.
   *
   * @default {"sigmoid"}
   */
  readonly activation?: "sigmoid" | "relu";
  /**
   * The probability that a feature of the two hidden linear layers is dropped in training, from 0 to below 1. With 0 there are no
   * such layers, as in the book.
   *
   * @default {0}
   */
  readonly dropout?: number;
}

/**
 * Describes the LeNet (LeCun et al., 1998) of *Dive into Deep Learning*: two convolutions, average pools and three linear
 * layers, named as the book's PyTorch class names them. 61,706 parameters for 28 × 28 × 1; 12 × 12 is the smallest input.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { build, getOrThrow, lenet } from "@rill/rill/models";
 *
 * const { layers } = getOrThrow(build(lenet({ classes: 10 }), [28, 28, 1]));
 * assertEquals(layers.reduce((sum, layer) => sum + layer.parameters, 0), 61_706);
 * ```
 *
 * @param options The settings.
 * @returns The model's description, for inputs of `[height, width, channels]`.
 * @throws {RangeError} If a setting is out of range.
 */
export function lenet(options: LenetOptions = {}): Layer {
  const { classes = 10, activation = "sigmoid", dropout: rate = 0 } = options;
  checkInteger("lenet", { classes }, 1);
  checkWord("lenet", "activation", activation, ["sigmoid", "relu"]);
  const activate = activation === "relu" ? relu : sigmoid;
  const drop = rate === 0 ? [] : [dropout(rate)];
  return sequential({
    net: sequential([
      conv2d({ filters: 6, kernelSize: 5, padding: 2 }),
      activate(),
      avgPool2d({ poolSize: 2 }),
      conv2d({ filters: 16, kernelSize: 5 }),
      activate(),
      avgPool2d({ poolSize: 2 }),
      flatten(),
      linear(120),
      activate(),
      ...drop,
      linear(84),
      activate(),
      ...drop,
      linear(classes),
    ]),
  });
}
