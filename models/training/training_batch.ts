import type { Loss, Metric } from "../losses/loss.ts";
import type { Tensor } from "../types/tensor.ts";

/** A batch: a record of arrays that all have the leading dimension `size`, as `gather` of `pipelines` makes them. */
export interface SizedBatch {
  /** The number of examples. */
  readonly size: number;
  /**
   * Which part of a larger batch this is, where each of several ranks has only the examples that it needs.
   *
   * @default {all of it}
   */
  readonly part?: BatchPart | undefined;
}

/** The place of some examples in the batch that they are a part of. */
export interface BatchPart {
  /** The number of the batch's examples before these. */
  readonly first: number;
  /** The number of all its examples. */
  readonly whole: number;
}

/** Numbers in row-major order, and their shape. */
export interface ArrayField<D = Float32Array | Uint8Array | Int32Array> {
  /** The numbers. */
  readonly data: D;
  /** The length of each dimension. */
  readonly shape: readonly number[];
}

/** A batch of images or other inputs, without labels. */
export interface InputBatch extends SizedBatch {
  /** The inputs: `[size, ...inputShape]`, or the shape of the images which a step's `input` takes. */
  readonly images: ArrayField<Float32Array | Uint8Array>;
}

/** A batch of images with their classes, that of the stage `batch`. */
export interface TrainingBatch extends InputBatch {
  /** The index of each image's class. */
  readonly labels: Int32Array;
}

/**
 * A function that makes a network's input of a batch, on the backend: the batch and the shape of one input example to a
 * tensor `[size, ...inputShape]`. It must have its own copy of the numbers when it returns.
 */
export type BatchInput<B extends SizedBatch = InputBatch> = (
  batch: B,
  inputShape: readonly number[],
) => Tensor;

/** How a step makes a network's input of a batch. */
export interface InputOptions<B extends SizedBatch = InputBatch> {
  /**
   * Makes the network's input of a batch, such as `imageInput()`.
   *
   * @default {the numbers of `images` as they are}
   */
  readonly input?: BatchInput<B> | undefined;
}

/** What a step measures: its loss, and what is reported beside it. */
export interface LossOptions<
  B,
  L extends string = never,
  M extends string = never,
> {
  /** The loss, such as `crossEntropy()`. */
  readonly loss: Loss<B, L>;
  /** Further numbers to report, by their names. */
  readonly metrics?: { readonly [Name in M]: Metric<B> };
}

/**
 * What a step computes of a batch: the network's input, the loss, and what is reported beside it.
 *
 * @typeParam B The batches that the loss and the metrics take.
 * @typeParam L The names of the metrics that the loss gives.
 * @typeParam M The names of further metrics.
 * @typeParam I The batches that the input is made of.
 */
export interface StepOptions<
  B,
  L extends string = never,
  M extends string = never,
  I extends SizedBatch = InputBatch,
> extends InputOptions<I>, LossOptions<B, L, M> {}
