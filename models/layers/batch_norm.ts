/**
 * Batch normalization.
 *
 * @module
 */

import { batchNormalize, normalizeBy, type Rectifier } from "../ops/_batch_norm.ts";
import { approachStatistics, computeNormalization } from "../ops/_running_statistics.ts";
import type { Normalization } from "../ops/_epilogue.ts";
import * as ops from "../ops/mod.ts";
import { countElements, formatShape, isImageShape } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import { checkEpsilon } from "./_check.ts";
import { checkFinite } from "./_check_settings.ts";
import { withFusion } from "./_fusion.ts";
import { specifyAffine } from "./_parameters.ts";
import { constant } from "./initializers.ts";
import { type Applied, type Layer, layer, type Pass, type Shape } from "./layer.ts";

export type { Layer } from "./layer.ts";

/** The settings of batch normalization. */
export interface BatchNormOptions {
  /**
   * The number that is added to the variance.
   *
   * @default {1e-5}
   */
  readonly epsilon?: number;
  /**
   * The part that a batch has in the next running statistics, from 0 to 1; `null` for the mean over all batches so far.
   *
   * @default {0.1}
   */
  readonly momentum?: number | null;
  /**
   * Whether each channel has a factor and an offset that are learned.
   *
   * @default {true}
   */
  readonly affine?: boolean;
  /**
   * The factor that each channel begins with.
   *
   * @default {1}
   */
  readonly initialWeight?: number;
}

/**
 * Describes batch normalization of images (Ioffe and Szegedy, 2015), PyTorch's `BatchNorm2d`, with its names: in training each
 * channel is normalized by its mean and (biased) variance over the whole batch, also where the batch is shared between threads,
 * and the running statistics take a part of them (of the unbiased variance); in use those normalize:
 * `y = (x - mean) / √(variance + epsilon) · weight + bias`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { batchNorm2d, build, conv2d, getOrThrow, relu, sequential } from "@rill/rill/models";
 *
 * const block = sequential([conv2d({ filters: 8, kernelSize: 3, bias: false }), batchNorm2d(), relu()]);
 * const network = getOrThrow(build(block, [8, 8, 3]));
 * assertEquals(network.parameters.map(({ name }) => name), ["0.weight", "1.weight", "1.bias"]);
 * assertEquals(network.buffers.map(({ name }) => name), [
 *   "1.running_mean",
 *   "1.running_var",
 *   "1.num_batches_tracked",
 * ]);
 * ```
 *
 * @param options The settings.
 * @returns The layer, for inputs of `[height, width, channels]`. In training it throws a `RangeError` for one number a channel.
 * @throws {RangeError} If a setting is out of range.
 */
export function batchNorm2d(options: BatchNormOptions = {}): Layer {
  return describeBatchNorm(
    "BatchNorm2d",
    "batchNorm2d",
    options,
    (input) => isImageShape(input) ? undefined : "an image: height x width x channels",
  );
}

/**
 * Describes batch normalization of vectors, or of sequences of them, PyTorch's `BatchNorm1d`: see {@linkcode batchNorm2d}.
 *
 * @example Usage
 * ```ts
 * import { batchNorm1d, linear, relu, sequential } from "@rill/rill/models";
 *
 * sequential([linear(64, { bias: false }), batchNorm1d(), relu(), linear(10)]);
 * ```
 *
 * @param options The settings.
 * @returns The layer, for inputs of `[features]` or `[length, features]`. In training it throws a `RangeError` for one number a
 * feature.
 * @throws {RangeError} If a setting is out of range.
 */
export function batchNorm1d(options: BatchNormOptions = {}): Layer {
  return describeBatchNorm(
    "BatchNorm1d",
    "batchNorm1d",
    options,
    (input) =>
      input.length === 1 || input.length === 2 ? undefined : "features, or length x features",
  );
}

type Parameter = "weight" | "bias";
type Buffer = "running_mean" | "running_var" | "num_batches_tracked";

function describeBatchNorm(
  name: string,
  type: string,
  { epsilon = 1e-5, momentum = 0.1, affine = true, initialWeight = 1 }: BatchNormOptions,
  findFault: (input: Shape) => string | undefined,
): Layer {
  checkEpsilon(name, epsilon);
  checkMomentum(name, momentum);
  checkFinite(name, { initialWeight });
  const shown = [
    ...epsilon === 1e-5 ? [] : [`epsilon ${epsilon}`],
    ...momentum === 0.1 ? [] : [`momentum ${momentum ?? "none"}`],
    ...affine ? [] : ["not affine"],
  ];
  return layer<Parameter, Buffer>(
    (input) => `${name}(${[input.at(-1) ?? "?", ...shown].join(", ")})`,
    (input) => {
      const fault = findFault(input);
      if (fault) return fault;
      const channels = input.at(-1)!;
      const pixels = countElements(input) / channels;
      const settings = { name, channels, pixels, epsilon, momentum };
      return withFusion<Parameter, Buffer>({
        outputShape: input,
        params: specifyAffine(affine, { shape: [channels] }, initialWeight),
        buffers: {
          running_mean: { shape: [channels] },
          running_var: { shape: [channels], initializer: constant(1) },
          num_batches_tracked: { shape: [] },
        },
        kind: { type, attributes: { epsilon, momentum: momentum ?? "none", affine } },
        flops: 2 * countElements(input),
        apply: (x, own, pass) =>
          pass.training ? train(x, own, pass, settings) : normalizeBy(x, readRunning(own, epsilon)),
      }, {
        epilogue: (pass, getOwn) =>
          pass.training ? {} : { normalization: () => readRunning(getOwn(), epsilon) },
        rectified: (x, own, pass, rectifier) =>
          pass.training
            ? train(x, own, pass, settings, rectifier)
            : normalizeBy(x, readRunning(own, epsilon), rectifier),
      });
    },
  );
}

function checkMomentum(name: string, momentum: number | null): void {
  if (momentum === null || momentum >= 0 && momentum <= 1) return;
  throw new RangeError(
    `Cannot describe ${name} with momentum ${momentum}: it must be from 0 to 1, or null`,
  );
}

type Own = Readonly<Record<Parameter | Buffer, Tensor>>;

/** Normalizes by the batch's statistics, and gives the running ones their part of them. */
function train(
  x: Tensor,
  own: Own,
  { size, sumOverBatch }: Pass,
  { name, channels, pixels, epsilon, momentum }: {
    readonly name: string;
    readonly channels: number;
    readonly pixels: number;
    readonly epsilon: number;
    readonly momentum: number | null;
  },
  rectifier?: Rectifier,
): Applied<Buffer> {
  const count = size * pixels;
  if (count < 2) {
    throw new RangeError(
      `Cannot train ${name} with a batch of ${formatShape(x.shape)}: ` +
        "a variance takes at least two numbers for each channel",
    );
  }
  const { weight = ops.ones([channels]), bias = ops.zeros([channels]) } = own as Partial<Own>;
  const { output, mean, variance } = batchNormalize(
    ops.reshape(x, [x.shape[0] ?? 0, pixels, channels]),
    weight,
    bias,
    { epsilon, size, sumOverBatch, rectifier },
  );
  const running = approachStatistics(
    { mean: own.running_mean, variance: own.running_var, tracked: own.num_batches_tracked },
    { mean, variance },
    momentum,
    count,
  );
  return {
    output: ops.reshape(output, x.shape),
    buffers: {
      running_mean: running.mean,
      running_var: running.variance,
      num_batches_tracked: running.tracked,
    },
  };
}

/** Reads what the running statistics do to each channel. */
function readRunning(own: Own, epsilon: number): Normalization {
  const { weight, bias } = own as Partial<Own>;
  return computeNormalization(
    { mean: own.running_mean, variance: own.running_var },
    { ...weight && { weight }, ...bias && { bias } },
    epsilon,
  );
}
