/**
 * Residual networks.
 *
 * @module
 */

import { relu } from "../layers/activations.ts";
import { batchNorm2d } from "../layers/batch_norm.ts";
import { checkInteger } from "../layers/_check_settings.ts";
import { residual } from "../layers/containers.ts";
import type { Layer } from "../layers/layer.ts";
import { linear } from "../layers/linear.ts";
import { globalAvgPool2d, maxPool2d } from "../layers/pooling.ts";
import { sequential } from "../layers/sequential.ts";
import { convolve } from "./_convolve.ts";

export type { Layer } from "../layers/layer.ts";

/** The settings of residual networks. */
export interface ResnetOptions {
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
export function resnet18(options: ResnetOptions = {}): Layer {
  return resnet("resnet18", [2, 2, 2, 2], basicBlock, options);
}

/**
 * Describes the residual network of 34 layers (He et al., 2016), with torchvision's names, layouts and first values. 21,797,672
 * parameters for 1000 classes and three channels, at any size of the image; 224 × 224 is the usual one.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { build, getOrThrow, resnet34 } from "@rill/rill/models";
 *
 * const { layers } = getOrThrow(build(resnet34(), [224, 224, 3]));
 * assertEquals(layers.reduce((sum, layer) => sum + layer.parameters, 0), 21_797_672);
 * ```
 *
 * @param options The settings.
 * @returns The model's description, for inputs of `[height, width, channels]`.
 * @throws {RangeError} If a setting is out of range.
 */
export function resnet34(options: ResnetOptions = {}): Layer {
  return resnet("resnet34", [3, 4, 6, 3], basicBlock, options);
}

/**
 * Describes the residual network of 50 layers (He et al., 2016), with torchvision's names, layouts and first values. As there, a
 * block halves the image in its 3 × 3 convolution, not in the first one as in the paper. 25,557,032 parameters for 1000 classes
 * and three channels, at any size of the image; 224 × 224 is the usual one.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { build, getOrThrow, resnet50 } from "@rill/rill/models";
 *
 * const { layers } = getOrThrow(build(resnet50(), [224, 224, 3]));
 * assertEquals(layers.reduce((sum, layer) => sum + layer.parameters, 0), 25_557_032);
 * ```
 *
 * @param options The settings.
 * @returns The model's description, for inputs of `[height, width, channels]`.
 * @throws {RangeError} If a setting is out of range.
 */
export function resnet50(options: ResnetOptions = {}): Layer {
  return resnet("resnet50", [3, 4, 6, 3], bottleneck, options);
}

/** Describes a block of so many filters inside. The first of a layer changes the size of its input. */
type Block = (filters: number, strides: 1 | 2, isFirst: boolean) => Layer;

function resnet(
  name: string,
  blocks: readonly [number, number, number, number],
  block: Block,
  { classes = 1000 }: ResnetOptions,
): Layer {
  checkInteger(name, { classes }, 1);
  const layers = blocks.map((count, i) => {
    const repeat = (_: unknown, at: number) =>
      block(64 * 2 ** i, i > 0 && at === 0 ? 2 : 1, at === 0);
    return [`layer${i + 1}`, sequential(Array.from({ length: count }, repeat))] as const;
  });
  return sequential({
    conv1: convolve(64, 7, { strides: 2 }),
    bn1: batchNorm2d(),
    relu: relu(),
    maxpool: maxPool2d({ poolSize: 3, strides: 2, padding: 1 }),
    ...Object.fromEntries(layers),
    avgpool: globalAvgPool2d(),
    fc: linear(classes),
  });
}

/** Describes two convolutions around which the input is led; where they halve the image, by a convolution of single pixels. */
function basicBlock(filters: number, strides: 1 | 2): Layer {
  const body = sequential({
    conv1: convolve(filters, 3, { strides }),
    bn1: batchNorm2d(),
    relu1: relu(),
    conv2: convolve(filters, 3),
    bn2: batchNorm2d(),
  });
  return addInput(body, strides === 1 ? undefined : project(filters, strides));
}

/** Describes a convolution of few filters between two of single pixels, and the way around them. */
function bottleneck(filters: number, strides: 1 | 2, isFirst: boolean): Layer {
  const body = sequential({
    conv1: convolve(filters, 1),
    bn1: batchNorm2d(),
    relu1: relu(),
    conv2: convolve(filters, 3, { strides }),
    bn2: batchNorm2d(),
    relu2: relu(),
    conv3: convolve(4 * filters, 1),
    bn3: batchNorm2d(),
  });
  return addInput(body, isFirst ? project(4 * filters, strides) : undefined);
}

const addInput = (body: Layer, shortcut: Layer | undefined): Layer =>
  sequential({
    "": residual(body, { shortcut, names: { body: "", shortcut: "downsample" } }),
    relu: relu(),
  });

const project = (filters: number, strides: 1 | 2): Layer =>
  sequential([convolve(filters, 1, { strides }), batchNorm2d()]);
