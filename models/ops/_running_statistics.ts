// The running statistics of batch normalization.
import * as tf from "@tensorflow/tfjs-core";
import { RUNNING_FACTORS, RUNNING_STATISTICS } from "../kernels/definitions/_kernel_names.ts";
import type { Tensor } from "../types/tensor.ts";
import { hasKernel, runAll, withoutGradient } from "./_base/differentiable.ts";
import { isDifferentiating } from "./_base/gradients.ts";
import { fromTfjs, toTfjs } from "./_base/tfjs.ts";
import type { BatchNormalized } from "./_batch_norm.ts";
import type { Normalization } from "./_epilogue.ts";

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
