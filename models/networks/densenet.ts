/**
 * Densely connected networks.
 *
 * @module
 */

import { relu } from "../layers/activations.ts";
import { batchNorm2d } from "../layers/batch_norm.ts";
import { checkInteger } from "../layers/_check_settings.ts";
import { withFileNames } from "../layers/_file_names.ts";
import { identity, parallel } from "../layers/containers.ts";
import { constant, kaimingNormal } from "../layers/initializers.ts";
import type { Layer } from "../layers/layer.ts";
import { linear } from "../layers/linear.ts";
import { avgPool2d, globalAvgPool2d, maxPool2d } from "../layers/pooling.ts";
import { sequential } from "../layers/sequential.ts";
import { convolve } from "./_convolve.ts";

export type { Layer } from "../layers/layer.ts";

/** The settings of `densenet121`. */
export interface DensenetOptions {
  /**
   * The number of classes.
   *
   * @default {1000}
   */
  readonly classes?: number;
}

/**
 * Describes the densely connected network of 121 layers (Huang et al., 2017), with torchvision's names, layouts and first values: in
 * a block each layer gets the channels of all before it and adds 32. 7,978,856 parameters for 1000 classes and three channels, at
 * any size of the image from 29 × 29 on; 224 × 224 is the usual one. The names in the files that torchvision offers, which are older
 * than its own (`denselayer1.norm.1` for `denselayer1.norm1`), load as well.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { build, getOrThrow, densenet121 } from "@rill/rill/models";
 *
 * const { layers } = getOrThrow(build(densenet121(), [224, 224, 3]));
 * assertEquals(layers.reduce((sum, layer) => sum + layer.parameters, 0), 7_978_856);
 * ```
 *
 * @param options The settings.
 * @returns The model's description, for inputs of `[height, width, channels]`.
 * @throws {RangeError} If a setting is out of range.
 */
export function densenet121({ classes = 1000 }: DensenetOptions = {}): Layer {
  checkInteger("densenet121", { classes }, 1);
  const features: Record<string, Layer> = {
    conv0: convolve(64, 7, { strides: 2, initializer }),
    norm0: batchNorm2d(),
    relu0: relu(),
    pool0: maxPool2d({ poolSize: 3, strides: 2, padding: 1 }),
  };
  let channels = 64;
  for (const [i, layers] of BLOCKS.entries()) {
    if (i > 0) {
      channels /= 2;
      features[`transition${i}`] = transition(channels);
    }
    features[`denseblock${i + 1}`] = denseBlock(layers);
    channels += layers * GROWTH;
  }
  features[`norm${BLOCKS.length + 1}`] = batchNorm2d();
  const network = sequential({
    features: sequential(features),
    relu: relu(),
    avgpool: globalAvgPool2d(),
    classifier: linear(classes, { biasInitializer: constant(0) }),
  });
  return withFileNames(network, { rename: renameOld });
}

/** Gives the name of today of what was `denselayer1.norm.1.weight`, before PyTorch forbade dots in names of modules. */
const renameOld = (name: string): string | undefined => {
  const [, before, number, after] =
    /^(.*\bdenselayer\d+\.(?:norm|conv))\.([12])(\..*)$/.exec(name) ??
      [];
  return before && `${before}${number}${after}`;
};

/** The layers of each block. */
const BLOCKS = [6, 12, 24, 16];

/** The channels that each of them adds. */
const GROWTH = 32;

/** How convolutions begin. */
const initializer = kaimingNormal();

/** Describes layers whose channels each stand behind those that it was given. */
function denseBlock(layers: number): Layer {
  const addChannels = parallel({ input: identity(), "": denseLayer() });
  return sequential(
    Object.fromEntries(
      Array.from({ length: layers }, (_, i) => [`denselayer${i + 1}`, addChannels]),
    ),
  );
}

/** Describes a convolution to few channels after one of single pixels, each behind its normalization. */
function denseLayer(): Layer {
  return sequential({
    norm1: batchNorm2d(),
    relu1: relu(),
    conv1: convolve(4 * GROWTH, 1, { initializer }),
    norm2: batchNorm2d(),
    relu2: relu(),
    conv2: convolve(GROWTH, 3, { initializer }),
  });
}

/** Describes what is between blocks, which halves the image and its channels. */
function transition(channels: number): Layer {
  return sequential({
    norm: batchNorm2d(),
    relu: relu(),
    conv: convolve(channels, 1, { initializer }),
    pool: avgPool2d({ poolSize: 2 }),
  });
}
