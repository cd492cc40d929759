import type { Tensor } from "../types/tensor.ts";

/** A mean that isn't divided yet, so that those of a batch's parts can be added up: a weighted sum, and the sum of the weights. */
export interface Mean {
  /** The weighted sum over the examples that are here, a scalar. */
  readonly sum: Tensor;
  /** The sum of the weights, a number or a scalar that no gradient flows through; for an unweighted mean the number of examples. */
  readonly weight: Tensor | number;
}

/** A mean as numbers, that isn't divided yet: those of several batches are added up before they are divided. */
export interface NumericMean {
  /** The weighted sum. */
  readonly sum: number;
  /** The sum of the weights; the number of examples for an unweighted mean. */
  readonly weight: number;
}

/**
 * A loss: a network's outputs and the batch that they are for to a mean. A step divides the sum by the weight once, over all
 * parts of a batch. `metrics` are further means that fall off on the way, and are reported beside the loss.
 *
 * @typeParam B The batches that it takes.
 * @typeParam M The names of the metrics that it gives.
 */
export type Loss<B, M extends string = never> = (
  output: Tensor,
  batch: B,
) => Mean & { readonly metrics?: { readonly [Name in M]: Mean } };

/** A number that is reported for each batch, such as the accuracy: a network's outputs and the batch to a mean. */
export type Metric<B> = (output: Tensor, batch: B) => Mean;

/** The field of a batch that tells each example's class. */
export interface Labels {
  /** The index of each example's class. */
  readonly labels: Int32Array;
  /** The number of examples. */
  readonly size: number;
}
