// The names of Rill's kernels, by which operations ask tfjs for them, and their attributes.

import type { ConvolutionAttrs } from "./_convolution_info.ts";

/** Dropout by counter: with `n = i + offset`, element `i` is dropped by word `n % 2` of Threefry's block `n / 2`. */
export const DROPOUT = "RillDropout";

/** The attributes of `DROPOUT`. The key's words are signed 32-bit. */
export interface DropoutAttrs {
  readonly rate: number;
  readonly key0: number;
  readonly key1: number;
  /** The place of the first element among all, where `x` is a part: an integer, 0 by default. */
  readonly offset?: number | undefined;
}

/** What limits numbers from below by 0, and from above by 6. */
export type Rectifier = "relu" | "relu6";

/** The gradient of `max(x, 0)`, `x, dy` to `dx`, where `x` may be what the function gave: both are above 0 at the same places. */
export const RELU_GRADIENT = "RillReluGradient";

/** The gradient of `min(max(x, 0), 6)`, `x, dy` to `dx`. */
export const RELU6_GRADIENT = "RillRelu6Gradient";

/** The gradient of `x`, or `x · alpha` where it is not above 0: `x, dy` to `dx`. */
export const LEAKY_RELU_GRADIENT = "RillLeakyReluGradient";

/** Sums over the rows of each block of a batch, `x` to `[blocks, columns]`. */
export const BLOCK_SUMS = "RillBlockSums";

/** The attributes of `BLOCK_SUMS`. */
export interface BlockSumsAttrs {
  /** Where blocks of rows end, the last at the last row. */
  readonly ends: readonly number[];
}

/** Adds numbers to others, in place where nothing else has those: `sum, x` to `sum`. */
export const ADD_TO = "RillAddTo";

/** An activation function that the library has none of: `x` to `y`. */
export const ACTIVATION = "RillActivation";

/** The attributes of `ACTIVATION`. */
export interface ActivationAttrs {
  readonly kind: "silu" | "gelu";
}

/** The gradient of an activation function, `x, dy` to `dx`, where for the first `x` is what the function gave. */
export const ACTIVATION_GRADIENT = "RillActivationGradient";

/** The attributes of `ACTIVATION_GRADIENT`. */
export interface ActivationGradientAttrs {
  readonly kind: "sigmoid" | "tanh" | "silu" | "gelu";
}

/** The attributes of a rectifier with a slope, named as tfjs names them. */
export interface LeakyReluAttrs {
  /** The slope below 0. */
  readonly alpha: number;
}

/** The sums of squared differences from a channel's mean: `x` `[n, pixels, channels]` and `mean` to `[n, channels]`. */
export const CENTERED_SQUARES = "RillCenteredSquares";

/** The sums over pixels of a gradient and of its products with the differences: `dy, x, mean` to two of `[n, channels]`. */
export const CENTERED_PRODUCTS = "RillCenteredProducts";

/** `x · scale + shift` with a number of each for a channel: `x, scale, shift` to `y`. */
export const SCALE_AND_SHIFT = "RillScaleAndShift";

/** `dy · scale + x · slope + shift` with a number of each for a channel: `dy, scale, x, slope, shift` to `dx`. */
export const COMBINE = "RillCombine";

/** `SCALE_AND_SHIFT` with a rectifier behind it: `x, scale, shift` to `y`. */
export const RECTIFIED_SCALE_AND_SHIFT = "RillRectifiedScaleAndShift";

/** `CENTERED_PRODUCTS` of the gradient that passes the rectifier behind: `dy, x, mean, scale, shift` to two of `[n, channels]`. */
export const RECTIFIED_PRODUCTS = "RillRectifiedProducts";

/** `COMBINE` of the gradient that passes the rectifier behind: `dy, scale, x, slope, offset, shift` to `dx`. */
export const RECTIFIED_COMBINE = "RillRectifiedCombine";

/** The attributes of kernels with a rectifier. */
export interface RectifierAttrs {
  readonly rectifier: Rectifier;
}

/** Repeats each of some rows: `x` `[batch, 1, columns]` to `[batch, rows, columns]`. */
export const REPEAT = "RillRepeat";

/** The attributes of `REPEAT`. */
export interface RepeatAttrs {
  readonly rows: number;
}

/**
 * Adds a bias to each row of a product, then rectifies if asked for, in place where nothing else has the product's numbers:
 * `x, bias` to `y`.
 */
export const ADD_BIAS = "RillAddBias";

/** The attributes of `ADD_BIAS`. */
export interface AddBiasAttrs {
  readonly relu: boolean;
}

/** The gradients of `ADD_BIAS` with a rectifier, `dy, y` to those for the product and for the bias. */
export const ADD_BIAS_GRADIENTS = "RillAddBiasGradients";

/** The attributes of `ADD_BIAS_GRADIENTS`. */
export interface AddBiasGradientsAttrs {
  /** Where blocks of rows end, the last at the last row: the bias has a gradient of each block then, `[blocks, columns]`. */
  readonly ends?: readonly number[] | undefined;
}

/**
 * The statistics of a batch that is whole, `[n, pixels, channels]`, and what they do to it: `x, weight, bias` to `mean, variance,
 * scale, shift`, of which the variance is biased, and `x · scale + shift` is normalized, weighted and shifted by the bias.
 */
export const BATCH_STATISTICS = "RillBatchStatistics";

/** The gradient of a whole batch's normalization: `dy, x, mean, variance, scale, shift` to `dx, dWeight, dBias`. */
export const BATCH_NORM_GRADIENT = "RillBatchNormGradient";

/** What running statistics do to a channel: `mean, variance, weight, bias` to `scale, shift`, as of `BATCH_STATISTICS`. */
export const RUNNING_FACTORS = "RillRunningFactors";

/** The attributes of `BATCH_NORM_GRADIENT`. */
export interface BatchNormGradientAttrs extends BatchNormAttrs {
  /** What limited the results, if anything. */
  readonly rectifier?: Rectifier | undefined;
}

/** The attributes of `BATCH_STATISTICS` and `RUNNING_FACTORS`. */
export interface BatchNormAttrs {
  /** The number that is added to the variance. */
  readonly epsilon: number;
}

/**
 * Gives running statistics their part of a batch's: `runningMean, runningVariance, tracked, mean, variance` to the first three
 * after it.
 */
export const RUNNING_STATISTICS = "RillRunningStatistics";

/** The attributes of `RUNNING_STATISTICS`. */
export interface RunningAttrs {
  /** The part that the batch has in them; `null` for the mean over all batches so far. */
  readonly momentum: number | null;
  /** What makes the batch's variance an unbiased one. */
  readonly correction: number;
}

/** A convolution, its bias, then ReLU and dropout if asked for: `x, filter, bias` to `y`. It has a gradient. */
export const FUSED_CONV2D = "RillFusedConv2D";

/** A dense product, its bias, then ReLU and dropout if asked for: `x, filter, bias` to `y`. It has a gradient. */
export const FUSED_LINEAR = "RillFusedLinear";

/** The attributes of the fused kernels. */
export interface FusedAttrs {
  readonly relu: boolean;
  /** Only after ReLU: the gradient is told from the output alone, where 0 says that nothing passes. */
  readonly dropout?: DropoutAttrs | undefined;
  /** Of a convolution, in both directions or down and across. */
  readonly strides: ConvolutionAttrs["strides"];
  readonly pad: ConvolutionAttrs["pad"];
}

/** The product of a matrix and some columns of another one: `x, weight` to `y`. */
export const MULTIPLY_COLUMNS = "RillMultiplyColumns";

/** The attributes of `MULTIPLY_COLUMNS`. */
export interface MultiplyColumnsAttrs {
  /** The first of the columns. */
  readonly start: number;
  /** The one after the last. */
  readonly end: number;
}

/**
 * Some rows of the gradient of a convolution's filter, as a matrix of a row for each tap of each input channel: `x, dy` to these.
 * Each number is one sum over the images, whichever others are computed.
 */
export const FILTER_GRADIENT_ROWS = "RillFilterGradientRows";

/** The attributes of `FILTER_GRADIENT_ROWS`, besides the convolution's. */
export interface FilterGradientRowsAttrs {
  /** The filter's shape. */
  readonly filterShape: readonly [height: number, width: number, inputs: number, outputs: number];
  /** The first of the rows. */
  readonly start: number;
  /** The one after the last. */
  readonly end: number;
}

/** Maximum over windows: `x` to the maxima and the place of each in its window. */
export const MAX_POOL = "RillMaxPool";

/** The gradient of `MAX_POOL`: `dy, x, y, winners` to `dx`. */
export const MAX_POOL_GRADIENT = "RillMaxPoolGradient";

/**
 * `logits, labels` to `[mean cross-entropy, number correct]` and the gradient of the first for the logits; with `scaling` that
 * times its scale.
 */
export const CROSS_ENTROPY = "RillCrossEntropy";

/** The attributes of `CROSS_ENTROPY`, for a part of a batch, on a host. */
export interface CrossEntropyAttrs {
  /** The number of the whole batch's examples, by which sums are divided; that of those that are here by default. */
  readonly count?: number | undefined;
  /** Where blocks of examples end, the last at the last: there are two numbers of each then. */
  readonly ends?: readonly number[] | undefined;
}

/** A network's input of images of bytes: no tensors to float32 `[n, height, width, channels]`. */
export const IMAGE_INPUT = "RillImageInput";

/** The attributes of `IMAGE_INPUT`: bytes are resized as Pillow does, and then `(byte * scale - mean) / std`. */
export interface ImageInputAttrs {
  /** The bytes, which may change as soon as the kernel has returned. */
  readonly data: Uint8Array;
  /** Their shape. */
  readonly images: readonly [size: number, height: number, width: number, channels: number];
  /** The size of the result. */
  readonly to: readonly [height: number, width: number];
  readonly scale: number;
  /** One for all channels, or one for each. */
  readonly means: readonly number[];
  /** As `means`. */
  readonly stds: readonly number[];
}
