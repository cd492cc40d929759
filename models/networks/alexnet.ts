/**
 * The AlexNet of *Dive into Deep Learning*.
 *
 * @module
 */

import { relu, sigmoid } from "../layers/activations.ts";
import { conv2d } from "../layers/conv2d.ts";
import { dropout } from "../layers/dropout.ts";
import { flatten } from "../layers/flatten.ts";
import { linear } from "../layers/linear.ts";
import { maxPool2d } from "../layers/pooling.ts";
import { sequential } from "../layers/sequential.ts";
import { checkInteger, checkWord } from "../layers/_check_settings.ts";
import { type Layer, layer } from "../layers/layer.ts";
import { isImageShape } from "../types/_shape.ts";

export type { Layer } from "../layers/layer.ts";

/** The settings of `alexnet`. */
export interface AlexnetOptions {
  /** The number of classes; 10 by default. */
  readonly classes?: number;
  /** The number of channels of the input; 1 by default. */
  readonly channels?: number;
  /** The probability that a feature of the two hidden linear layers is dropped in training; 0.5 by default. */
  readonly dropout?: number;
  /** The activation between its layers: its own rectifier, or the sigmoid of the networks before it; `"relu"` by default. */
  readonly activation?: "relu" | "sigmoid";
}

/**
 * Describes the simplified AlexNet of *Dive into Deep Learning*: five convolutions and three linear layers, named as the
 * chapter's PyTorch class names them. 46,764,746 parameters for 224 × 224 × 1; 67 × 67 is the smallest input.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { alexnet, build } from "@rill/rill/models";
 *
 * const network = build(alexnet({ classes: 10 }), [224, 224, 1]);
 * assert(network._tag === "Right");
 * const parameters = network.right.layers.reduce((sum, layer) => sum + layer.parameters, 0);
 * assertEquals(parameters, 46_764_746);
 * ```
 *
 * @param options The settings.
 * @returns The model's description, for inputs of `[side, side, channels]`.
 * @throws {RangeError} If a setting is out of range.
 */
export function alexnet(options: AlexnetOptions = {}): Layer {
  const { classes = 10, channels = 1, dropout: rate = 0.5, activation = "relu" } = options;
  checkInteger("alexnet", { classes, channels }, 1);
  checkWord("alexnet", "activation", activation, ["relu", "sigmoid"]);
  const activate = activation === "relu" ? relu : sigmoid;
  const pool = maxPool2d({ poolSize: 3, strides: 2 });
  return sequential({
    input: expectChannels(channels),
    conv: sequential([
      conv2d({ filters: 96, kernelSize: 11, strides: 4 }),
      activate(),
      pool,
      conv2d({ filters: 256, kernelSize: 5, padding: 2 }),
      activate(),
      pool,
      conv2d({ filters: 384, kernelSize: 3, padding: 1 }),
      activate(),
      conv2d({ filters: 384, kernelSize: 3, padding: 1 }),
      activate(),
      conv2d({ filters: 256, kernelSize: 3, padding: 1 }),
      activate(),
      pool,
    ]),
    flatten: flatten(),
    fc: sequential([
      linear(4096),
      activate(),
      dropout(rate),
      linear(4096),
      activate(),
      dropout(rate),
      linear(classes),
    ]),
  });
}

/** Makes a layer that lets images of so many channels pass. */
function expectChannels(channels: number): Layer {
  return layer(
    "Input()",
    (input) =>
      isImageShape(input) && input[2] === channels
        ? { outputShape: input, kind: { type: "identity", attributes: {} }, apply: (x) => x }
        : `an image of ${channels} ${channels === 1 ? "channel" : "channels"}`,
  );
}
