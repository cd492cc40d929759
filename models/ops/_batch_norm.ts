// Batch normalization over `[n, pixels, channels]`. What it does with images is four passes over them, each of which a backend
// may have a program for; the rest are a few numbers for each channel.
import * as tf from "@tensorflow/tfjs-core";
import {
  BATCH_NORM_GRADIENT,
  BATCH_STATISTICS,
  CENTERED_PRODUCTS,
  CENTERED_SQUARES,
  COMBINE,
  RUNNING_FACTORS,
  RUNNING_STATISTICS,
  SCALE_AND_SHIFT,
} from "../kernels/definitions/_kernel_names.ts";
import type { Tensor } from "../types/tensor.ts";
import { hasKernel, run, withGradient, withoutGradient } from "./_base/differentiable.ts";
import { add, multiply } from "./arithmetic.ts";
import { isDifferentiating } from "./_base/gradients.ts";
import { fromTfjs, toTfjs } from "./_base/tfjs.ts";
import type { Normalization } from "./_epilogue.ts";

/** What batch normalization takes besides its input and parameters. */
export interface BatchNormOptions {
  /** The number that is added to the variance. */
  readonly epsilon: number;
  /** The number of the whole batch's examples. */
  readonly size: number;
  /** Sums over the whole batch's examples, `[n, …]` to `[…]`. */
  sumOverBatch(x: Tensor): Tensor;
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

/** Normalizes each channel of `[n, pixels, channels]` by its mean and variance over the whole batch, then scales and shifts. */
export function batchNormalize(
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  { epsilon, size, sumOverBatch }: BatchNormOptions,
): BatchNormalized {
  const isWhole = wholeSums.has(sumOverBatch) && x.shape[0] === size;
  // Others say what is wrong with a number of examples that isn't the batch's.
  if (isWhole && hasKernel(BATCH_STATISTICS)) {
    return normalizeWhole(toTfjs(x), toTfjs(weight), toTfjs(bias), epsilon);
  }
  const [, pixels = 1] = x.shape;
  const count = size * pixels;
  const sum = (x: tf.Tensor) => toTfjs(sumOverBatch(fromTfjs(x)));
  const { mean, variance } = withoutGradient(() => {
    const mean = tf.div(sum(sumPixels(toTfjs(x))), count);
    const variance = tf.div(sum(sumSquares(toTfjs(x), mean)), count);
    return { mean, variance };
  });
  const normalize = tf.customGrad((...args) => {
    const [x, weight, bias, save] = args as unknown as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.GradSaveFunc,
    ];
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const scale = tf.mul(weight, inverse);
    save([x, scale, inverse, mean]);
    return {
      value: scaleAndShift(x, scale, tf.sub(bias, tf.mul(mean, scale))),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [x, scale, inverse, mean] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        const [own, products] = sumProducts(dy, x, mean);
        const total = tf.div(sum(tf.stack([own, products], 1)), count);
        const [meanGradient, meanProduct] = tf.unstack(total) as [tf.Tensor, tf.Tensor];
        // dx = scale · (dy - mean(dy) - (x - mean) · inverse² · mean(dy · (x - mean)))
        const slope = tf.neg(tf.mul(tf.mul(scale, tf.square(inverse)), meanProduct));
        const shift = tf.neg(tf.add(tf.mul(scale, meanGradient), tf.mul(mean, slope)));
        return [
          combine(dy, scale, x, slope, shift),
          tf.mul(tf.sum(products, 0), inverse),
          tf.sum(own, 0),
        ];
      },
    };
  });
  const output = normalize(toTfjs(x), toTfjs(weight), toTfjs(bias));
  return { output: fromTfjs(output), mean: fromTfjs(mean), variance: fromTfjs(variance) };
}

/** Normalizes a batch that is here as a whole, by programs that do all that there is to do for a channel. */
function normalizeWhole(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  epsilon: number,
): BatchNormalized {
  const [mean, variance, scale, shift] = withoutGradient(() =>
    runAll(BATCH_STATISTICS, { x, weight, bias }, { epsilon })
  ) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const output = withGradient(
    { x, weight, bias },
    (save) => {
      save([x, mean, variance, scale]);
      return scaleAndShift(x, scale, shift);
    },
    (dy, [x, mean, variance, scale]) => {
      const inputs = { dy, x: x!, mean: mean!, variance: variance!, scale: scale! };
      // At once, since tfjs releases after each gradient what that has made.
      const [dx, dWeight, dBias] = runAll(BATCH_NORM_GRADIENT, inputs, { epsilon });
      return { x: () => dx!, weight: () => dWeight!, bias: () => dBias! };
    },
  );
  return { output: fromTfjs(output), mean: fromTfjs(mean), variance: fromTfjs(variance) };
}

/** The running statistics of batch normalization. */
export interface RunningStatistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
  /** The number of batches so far, a scalar. */
  readonly tracked: Tensor;
}

/**
 * Gives running statistics their part of a batch's.
 *
 * @param momentum The part that the batch has in them; `null` for the mean over all batches so far.
 * @param count The number of each channel's numbers in the batch.
 */
export function approachStatistics(
  running: RunningStatistics,
  batch: Pick<BatchNormalized, "mean" | "variance">,
  momentum: number | null,
  count: number,
): RunningStatistics {
  const correction = count / (count - 1);
  const [runningMean, runningVariance, tracked] = [
    running.mean,
    running.variance,
    running.tracked,
  ].map((x) => toTfjs(x)) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const [mean, variance] = [toTfjs(batch.mean), toTfjs(batch.variance)];
  const [nextMean, nextVariance, nextTracked] = withoutGradient(() => {
    if (hasKernel(RUNNING_STATISTICS)) {
      const inputs = { runningMean, runningVariance, tracked, mean, variance };
      return runAll(RUNNING_STATISTICS, inputs, { momentum, correction });
    }
    const next = tf.add(tracked, 1);
    const part = momentum ?? tf.reciprocal(next);
    const approach = (running: tf.Tensor, now: tf.Tensor) =>
      tf.add(running, tf.mul(tf.sub(now, running), part));
    return [
      approach(runningMean, mean),
      approach(runningVariance, tf.mul(variance, correction)),
      next,
    ];
  }) as [tf.Tensor, tf.Tensor, tf.Tensor];
  return {
    mean: fromTfjs(nextMean),
    variance: fromTfjs(nextVariance),
    tracked: fromTfjs(nextTracked),
  };
}

/** Computes what running statistics do to each channel, with a weight and a bias where there are. */
export function computeNormalization(
  running: Pick<RunningStatistics, "mean" | "variance">,
  own: { readonly weight?: Tensor; readonly bias?: Tensor },
  epsilon: number,
): Normalization {
  const [mean, variance] = [toTfjs(running.mean), toTfjs(running.variance)];
  const weight = own.weight && toTfjs(own.weight);
  const bias = own.bias && toTfjs(own.bias);
  // The program has no gradient.
  if (weight && bias && hasKernel(RUNNING_FACTORS) && !isDifferentiating()) {
    const factors = runAll(RUNNING_FACTORS, { mean, variance, weight, bias }, { epsilon });
    const [scale, shift] = factors as [tf.Tensor, tf.Tensor];
    return { scale: fromTfjs(scale), shift: fromTfjs(shift) };
  }
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  const scale = weight ? tf.mul(weight, inverse) : inverse;
  const shift = tf.mul(mean, scale);
  return {
    scale: fromTfjs(scale),
    shift: fromTfjs(bias ? tf.sub(bias, shift) : tf.neg(shift)),
  };
}

/** Multiplies each channel of `[n, …, channels]` and adds to it. */
export function normalizeBy(x: Tensor, { scale, shift }: Normalization): Tensor {
  const [images, factors, terms] = [toTfjs(x), toTfjs(scale), toTfjs(shift)];
  // The kernel has no gradient.
  if (isDifferentiating() || !hasKernel(SCALE_AND_SHIFT) || images.size === 0) {
    return add(multiply(x, scale), shift);
  }
  const [batch = 0] = images.shape;
  const flat = tf.reshape(images, [batch, -1, factors.size]);
  return fromTfjs(tf.reshape(scaleAndShift(flat, factors, terms), images.shape));
}

/** Runs a kernel of several results. */
function runAll(
  kernel: string,
  inputs: Readonly<Record<string, tf.Tensor>>,
  attrs: object,
): tf.Tensor[] {
  const results: unknown = run(kernel, inputs, attrs);
  return results as tf.Tensor[];
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

/** Computes `x · scale + shift` with a number of each for a channel. */
function scaleAndShift(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor): tf.Tensor {
  if (hasKernel(SCALE_AND_SHIFT)) return run(SCALE_AND_SHIFT, { x, scale, shift });
  return tf.add(tf.mul(x, scale), shift);
}

/** Sums a gradient over pixels, and its products with the differences from a channel's mean. */
function sumProducts(
  dy: tf.Tensor,
  x: tf.Tensor,
  mean: tf.Tensor,
): readonly [own: tf.Tensor, products: tf.Tensor] {
  if (!hasKernel(CENTERED_PRODUCTS)) {
    return [tf.sum(dy, 1), tf.sum(tf.mul(dy, tf.sub(x, mean)), 1)];
  }
  const sums: unknown = run(CENTERED_PRODUCTS, { dy, x, mean });
  return sums as [tf.Tensor, tf.Tensor];
}

/** Computes `dy · scale + x · slope + shift` with a number of each for a channel. */
function combine(
  dy: tf.Tensor,
  scale: tf.Tensor,
  x: tf.Tensor,
  slope: tf.Tensor,
  shift: tf.Tensor,
): tf.Tensor {
  if (hasKernel(COMBINE)) return run(COMBINE, { dy, scale, x, slope, shift });
  return tf.add(tf.add(tf.mul(dy, scale), tf.mul(x, slope)), shift);
}
