// Layers, losses and metrics as someone else would write them, in tfjs's operations.
import * as tf from "@tensorflow/tfjs-core";
import {
  constant,
  type Labels,
  type Layer,
  layer,
  type Loss,
  type Metric,
  type Tensor,
} from "@rill/rill/models";

/** Computes with tfjs's operations on our tensors. */
export const compute = (
  fn: (...tensors: tf.Tensor[]) => tf.Tensor,
  ...tensors: readonly Tensor[]
): Tensor => fn(...tensors as unknown as tf.Tensor[]) as unknown as Tensor;

/** Describes a learned factor for each channel. */
export const scale = (start = 1): Layer =>
  layer<"weight">("Scale()", (input) => ({
    outputShape: input,
    params: { weight: { shape: input.slice(-1), initializer: constant(start) } },
    apply: (x, { weight }) => compute(tf.mul, x, weight),
  }));

/** Describes a layer that counts the training passes, and gives its input plus how many came before. */
export const counter = (): Layer =>
  layer<never, "passes">("Counter()", (input) => ({
    outputShape: input,
    buffers: { passes: { shape: [] } },
    apply: (x, { passes }, { training }) => {
      const output = compute(tf.add, x, passes);
      if (!training) return output;
      return { output, buffers: { passes: compute((passes) => tf.add(passes, 1), passes) } };
    },
  }));

const EPSILON = 1e-3;

/** Describes normalization of features by their mean and variance over the batch. */
export const batchNorm = (): Layer =>
  layer<"weight" | "bias", "mean" | "variance">("Norm()", (input) => {
    const shape = input.slice(-1);
    const normalize = (centered: Tensor, variance: Tensor, weight: Tensor, bias: Tensor) =>
      compute(
        (x, variance, weight, bias) =>
          tf.add(tf.mul(tf.div(x!, tf.sqrt(tf.add(variance!, EPSILON))), weight!), bias!),
        centered,
        variance,
        weight,
        bias,
      );
    return {
      outputShape: input,
      params: {
        weight: { shape, initializer: constant(1) },
        bias: { shape, role: "bias", initializer: constant(0) },
      },
      buffers: { mean: { shape }, variance: { shape, initializer: constant(1) } },
      apply(x, { weight, bias, mean, variance }, { training, size, sumOverBatch }) {
        if (!training) return normalize(compute(tf.sub, x, mean), variance, weight, bias);
        const average = (x: Tensor) => compute((sum) => tf.div(sum!, size), sumOverBatch(x));
        const batchMean = average(x);
        const centered = compute(tf.sub, x, batchMean);
        const batchVariance = average(compute((x) => tf.square(x!), centered));
        const blend = (old: Tensor, now: Tensor) =>
          compute((old, now) => tf.add(tf.mul(old!, 0.9), tf.mul(now!, 0.1)), old, now);
        return {
          output: normalize(centered, batchVariance, weight, bias),
          buffers: { mean: blend(mean, batchMean), variance: blend(variance, batchVariance) },
        };
      },
    };
  });

/** A batch whose examples have weights. */
export interface WeightedBatch extends Labels {
  readonly images: { readonly data: Float32Array | Uint8Array; readonly shape: readonly number[] };
  readonly weights: Float32Array;
}

const sumOf = (x: tf.Tensor) => tf.sum(x) as unknown as Tensor;

/** The cross-entropy of examples that have weights, and which part of the weight is right. */
export const weightedCrossEntropy: Loss<WeightedBatch, "hits"> = (
  output,
  { labels, weights },
) => {
  const logits = output as unknown as tf.Tensor2D;
  const target = tf.oneHot(tf.tensor1d(labels, "int32"), output.shape[1]!);
  const each = tf.neg(tf.sum(tf.mul(tf.cast(target, "float32"), tf.logSoftmax(logits)), 1));
  const factors = tf.tensor1d(weights);
  const hits = tf.cast(
    tf.equal(tf.argMax(logits, 1), tf.tensor1d(labels, "int32")),
    "float32",
  );
  const weight = sumOf(factors);
  return {
    sum: sumOf(tf.mul(each, factors)),
    weight,
    metrics: { hits: { sum: sumOf(tf.mul(hits, factors)), weight } },
  };
};

/** The mean of each example's largest output. */
export const meanOfLargest: Metric<unknown> = (output) => ({
  sum: sumOf(tf.max(output as unknown as tf.Tensor, 1)),
  weight: output.shape[0]!,
});
