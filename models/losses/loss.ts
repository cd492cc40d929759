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

/**
 * A number that is reported for each batch, such as the accuracy: a network's outputs and the batch to a mean. Each loss is one,
 * too.
 *
 * @typeParam B The batches that it takes.
 */
export type Metric<B> = (output: Tensor, batch: B) => Mean;

/** The fields of a batch that tell each example's class. */
export interface Labels {
  /** The index of each example's class. */
  readonly labels: Int32Array;
  /** How much each example counts, a number from 0; all alike without it. */
  readonly weights?: Float32Array;
  /** The number of examples. */
  readonly size: number;
}

/** The fields of a batch that tell the class of each place of an example, such as the pixels of an image. */
export interface LabelMaps extends Omit<Labels, "labels"> {
  /** The indices of the classes, `[size, …]`, for logits `[size, …, classes]`. */
  readonly labels: { readonly data: Int32Array | Uint8Array; readonly shape: readonly number[] };
}

/** The fields of a batch that tell how probable each class is for each example. */
export interface SoftLabels extends Omit<Labels, "labels"> {
  /** The probabilities of the classes, of the logits' shape: `[size, classes]`. */
  readonly labels: { readonly data: Float32Array; readonly shape: readonly number[] };
}

/**
 * The fields of a batch of blends of several examples each, as `mixup` of `pipelines` makes them. There is no field `labels`:
 * what takes one label for each example is not to take the first.
 */
export interface MixedLabels extends Omit<Labels, "labels"> {
  /** The indices of the classes of each blend's parts, `[size, parts]`. */
  readonly mixedLabels: { readonly data: Int32Array; readonly shape: readonly number[] };
  /** The shares of the parts, from 0 to 1, `[size, parts]`; those of a blend add up to 1. */
  readonly shares: { readonly data: Float32Array; readonly shape: readonly number[] };
}

/** The fields of a batch that tell classes, in each of the ways. */
export type ClassLabels = Labels | LabelMaps | SoftLabels | MixedLabels;

/** The fields of a batch that tell which numbers the outputs are to be. */
export interface Targets {
  /**
   * The numbers, of the outputs' shape `[size, …]`; one number for each example, where that is all of an output, can be an array
   * without a shape.
   */
  readonly targets: TargetNumbers | {
    readonly data: TargetNumbers;
    readonly shape: readonly number[];
  };
  /** How much each example counts, a number from 0; all alike without it. */
  readonly weights?: Float32Array;
  /** The number of examples. */
  readonly size: number;
}

/** The arrays that targets are in. */
export type TargetNumbers = Float32Array | Int32Array | Uint8Array;
