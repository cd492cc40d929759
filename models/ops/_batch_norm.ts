// Batch normalization over `[n, pixels, channels]`. What it does with images is four passes over them, each of which a backend
// may have a program for; the rest are a few numbers for each channel.
import * as tf from "@tensorflow/tfjs-core";
import {
  BATCH_NORM_GRADIENT,
  BATCH_STATISTICS,
  CENTERED_PRODUCTS,
  CENTERED_SQUARES,
  COMBINE,
  RECTIFIED_COMBINE,
  RECTIFIED_PRODUCTS,
  RECTIFIED_SCALE_AND_SHIFT,
  type Rectifier,
  RELU6_GRADIENT,
  RELU_GRADIENT,
  SCALE_AND_SHIFT,
} from "../kernels/definitions/_kernel_names.ts";
import type { Tensor } from "../types/tensor.ts";
import { markSummable, ofWholeBatch } from "./_base/batch_sums.ts";
import { hasKernel, run, runAll, withGradient, withoutGradient } from "./_base/differentiable.ts";
import { fromTfjs, toTfjs } from "./_base/tfjs.ts";
import type { Normalization } from "./_epilogue.ts";
import { relu, relu6 } from "./activations.ts";

export type { Rectifier } from "../kernels/definitions/_kernel_names.ts";

/** What batch normalization takes besides its input and parameters. */
export interface BatchNormOptions {
  /** The number that is added to the variance. */
  readonly epsilon: number;
  /** The number of the whole batch's examples. */
  readonly size: number;
  /** Sums over the whole batch's examples, `[n, …]` to `[…]`. */
  sumOverBatch(x: Tensor): Tensor;
  /** What the results are limited by, if anything. */
  readonly rectifier?: Rectifier | undefined;
}

/** A normalized batch, and the statistics that it was normalized by, which no gradient flows through. */
export interface BatchNormalized {
  readonly output: Tensor;
  readonly mean: Tensor;
  /** The biased variance. */
  readonly variance: Tensor;
}

/** Functions that sum over the examples of a batch that is here as a whole: a program may do so in their place. */
const wholeSums = new WeakSet<(x: Tensor) => Tensor>();

/** Notes of a function that sums over a batch's examples that all of these are here. */
export function markWholeSum(sumOverBatch: (x: Tensor) => Tensor): (x: Tensor) => Tensor {
  wholeSums.add(sumOverBatch);
  return sumOverBatch;
}

/**
 * Normalizes each channel of `[n, pixels, channels]` by its mean and variance over the whole batch, then scales and shifts, and
 * limits.
 */
export function batchNormalize(
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  { epsilon, size, sumOverBatch, rectifier }: BatchNormOptions,
): BatchNormalized {
  const isWhole = wholeSums.has(sumOverBatch) && x.shape[0] === size;
  // Others say what is wrong with a number of examples that isn't the batch's.
  if (isWhole && hasKernel(BATCH_STATISTICS)) {
    return normalizeWhole(toTfjs(x), toTfjs(weight), toTfjs(bias), { epsilon, rectifier });
  }
  if (rectifier && !hasKernel(RECTIFIED_COMBINE)) {
    const normalized = batchNormalize(x, weight, bias, { epsilon, size, sumOverBatch });
    return { ...normalized, output: rectify(normalized.output, rectifier) };
  }
  const [, pixels = 1] = x.shape;
  const count = size * pixels;
  const sum = (x: tf.Tensor) => toTfjs(sumOverBatch(fromTfjs(x)));
  const { mean, variance } = withoutGradient(() => {
    const mean = tf.div(sum(sumPixels(toTfjs(x))), count);
    const variance = tf.div(sum(sumSquares(toTfjs(x), mean)), count);
    return { mean, variance };
  });
  const [input, factor, offset] = [toTfjs(x), toTfjs(weight), toTfjs(bias)];
  const output = withGradient(
    { x: input, weight: factor, bias: offset },
    (save) => {
      const inverse = tf.rsqrt(tf.add(variance, epsilon));
      const scale = tf.mul(factor, inverse);
      const shift = tf.sub(offset, tf.mul(mean, scale));
      // With a rectifier, too, no more than this is kept: what it let pass is computed again.
      save([input, scale, shift, inverse, mean]);
      return scaleAndShift(input, scale, shift, rectifier);
    },
    (dy, saved) => {
      const [x, scale, shift, inverse, mean] = saved as SavedTensors;
      const rectified = rectifier && { rectifier, scale, shift };
      const [own, products] = sumProducts(dy, x, mean, rectified);
      const channels = own.shape[1]!;
      // Both in one exchange.
      const total = sum(tf.concat([own, products], 1));
      const totalGradient = tf.slice(total, 0, channels);
      const totalProduct = tf.slice(total, channels, channels);
      const meanGradient = tf.div(totalGradient, count);
      const meanProduct = tf.div(totalProduct, count);
      // dx = scale · (dy - mean(dy) - (x - mean) · inverse² · mean(dy · (x - mean)))
      const slope = tf.neg(tf.mul(tf.mul(scale, tf.square(inverse)), meanProduct));
      const offset = tf.neg(tf.add(tf.mul(scale, meanGradient), tf.mul(mean, slope)));
      return {
        x: () => combine({ dy, scale, x, slope, offset }, rectified),
        weight: ofWholeBatch(() => tf.mul(totalProduct, inverse)),
        bias: ofWholeBatch(() => tf.clone(totalGradient)),
      };
    },
  );
  return { output: fromTfjs(output), mean: fromTfjs(mean), variance: fromTfjs(variance) };
}

/** Normalizes a batch that is here as a whole, by programs that do all that there is to do for a channel. */
function normalizeWhole(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  { epsilon, rectifier }: Pick<BatchNormOptions, "epsilon" | "rectifier">,
): BatchNormalized {
  const [mean, variance, scale, shift] = withoutGradient(() =>
    runAll(BATCH_STATISTICS, { x, weight, bias }, { epsilon })
  ) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const output = withGradient(
    { x, weight, bias },
    (save) => {
      save([x, mean, variance, scale, shift]);
      return scaleAndShift(x, scale, shift, rectifier);
    },
    (dy, saved) => {
      const [x, mean, variance, scale, shift] = saved as SavedTensors;
      // At once, since tfjs releases after each gradient what that has made.
      const [dx, dWeight, dBias] = runAll(
        BATCH_NORM_GRADIENT,
        { dy, x, mean, variance, scale, shift },
        { epsilon, rectifier },
      );
      return { x: () => dx!, weight: () => dWeight!, bias: () => dBias! };
    },
  );
  return { output: fromTfjs(output), mean: fromTfjs(mean), variance: fromTfjs(variance) };
}

/** Computes `x · scale + shift` with numbers for each channel that were known before, and limits. */
export function normalizeBy(
  x: Tensor,
  { scale, shift }: Normalization,
  rectifier?: Rectifier,
): Tensor {
  const input = toTfjs(x);
  const factors = { scale: toTfjs(scale), shift: toTfjs(shift) };
  if (!hasKernel(RECTIFIED_SCALE_AND_SHIFT) || input.size === 0) {
    const y = fromTfjs(tf.add(tf.mul(input, factors.scale), factors.shift));
    return rectifier ? rectify(y, rectifier) : y;
  }
  const [images = 1] = input.shape;
  const channels = input.shape.at(-1)!;
  const flat = tf.reshape(input, [images, input.size / images / channels, channels]);
  const normalized = withGradient(
    { x: flat, ...factors },
    (save) => {
      const y = scaleAndShift(flat, factors.scale, factors.shift, rectifier);
      save([flat, factors.scale, ...rectifier ? [y] : []]);
      return y;
    },
    (dy, [x, scale, y]) => {
      const zeros = tf.zeros([channels]);
      const passed = y ? run(RECTIFIER_GRADIENTS[rectifier!], { x: y, dy }) : dy;
      return {
        x: () => scaleAndShift(passed, scale!, zeros),
        scale: () => tf.sum(sumProducts(passed, x!, zeros)[1], 0),
        shift: () => tf.sum(sumPixels(passed), 0),
      };
    },
  );
  return fromTfjs(tf.reshape(markSummable(normalized, ["x", "scale", "result"]), input.shape));
}

const RECTIFIER_GRADIENTS = { relu: RELU_GRADIENT, relu6: RELU6_GRADIENT };

type SavedTensors = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];

/** A rectifier, and what was done to numbers before it. */
interface Rectified {
  readonly rectifier: Rectifier;
  readonly scale: tf.Tensor;
  readonly shift: tf.Tensor;
}

/** Limits numbers by a pass of its own. */
export function rectify(x: Tensor, rectifier: Rectifier): Tensor {
  return rectifier === "relu" ? relu(x) : relu6(x);
}

/** Sums over pixels, `[n, pixels, channels]` to `[n, channels]`. */
function sumPixels(x: tf.Tensor): tf.Tensor {
  return tf.sum(x, 1);
}

/** Sums the squares of the differences from a channel's mean over pixels. */
function sumSquares(x: tf.Tensor, mean: tf.Tensor): tf.Tensor {
  if (hasKernel(CENTERED_SQUARES)) return run(CENTERED_SQUARES, { x, mean });
  return tf.sum(tf.square(tf.sub(x, mean)), 1);
}

/** Computes `x · scale + shift` with a number of each for a channel, and limits it. */
function scaleAndShift(
  x: tf.Tensor,
  scale: tf.Tensor,
  shift: tf.Tensor,
  rectifier?: Rectifier,
): tf.Tensor {
  if (rectifier) return run(RECTIFIED_SCALE_AND_SHIFT, { x, scale, shift }, { rectifier });
  if (hasKernel(SCALE_AND_SHIFT)) return run(SCALE_AND_SHIFT, { x, scale, shift });
  return tf.add(tf.mul(x, scale), shift);
}

/** Sums a gradient over pixels, and its products with the differences from a channel's mean. */
function sumProducts(
  dy: tf.Tensor,
  x: tf.Tensor,
  mean: tf.Tensor,
  rectified?: Rectified,
): readonly [own: tf.Tensor, products: tf.Tensor] {
  if (rectified) {
    const { rectifier, ...before } = rectified;
    const sums: unknown = run(RECTIFIED_PRODUCTS, { dy, x, mean, ...before }, { rectifier });
    return sums as [tf.Tensor, tf.Tensor];
  }
  if (!hasKernel(CENTERED_PRODUCTS)) {
    return [tf.sum(dy, 1), tf.sum(tf.mul(dy, tf.sub(x, mean)), 1)];
  }
  const sums: unknown = run(CENTERED_PRODUCTS, { dy, x, mean });
  return sums as [tf.Tensor, tf.Tensor];
}

/** Computes `dy · scale + x · slope + offset` with a number of each for a channel. */
function combine(
  { offset, ...inputs }: Readonly<Record<"dy" | "scale" | "x" | "slope" | "offset", tf.Tensor>>,
  rectified: Rectified | undefined,
): tf.Tensor {
  const { dy, scale, x, slope } = inputs;
  if (rectified) {
    const { rectifier, shift } = rectified;
    return run(RECTIFIED_COMBINE, { ...inputs, offset, shift }, { rectifier });
  }
  if (hasKernel(COMBINE)) return run(COMBINE, { ...inputs, shift: offset });
  return tf.add(tf.add(tf.mul(dy, scale), tf.mul(x, slope)), offset);
}
