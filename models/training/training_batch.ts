import type { Tensor } from "../types/tensor.ts";

/** A batch as a step takes it: that of `pipelines`, its images as the network wants them or as a step's `input` takes them. */
export interface TrainingBatch {
  /** Numbers in row-major order, and their shape: `[size, ...inputShape]`, or that of the images which the `input` takes. */
  readonly images: { readonly data: Float32Array | Uint8Array; readonly shape: readonly number[] };
  /** The index of each image's class. */
  readonly labels: Int32Array;
  /** The number of images. */
  readonly size: number;
}

/**
 * A function that makes a network's input of a batch's images, on the backend: images and the shape of one input example to a
 * tensor `[size, ...inputShape]`. It must have its own copy of the images when it returns.
 */
export type BatchInput = (
  images: TrainingBatch["images"],
  inputShape: readonly number[],
) => Tensor;

/** Options of `trainStep` and `evalStep`. */
export interface StepOptions {
  /**
   * Makes the network's input of a batch's images, such as `imageInput()`.
   *
   * @default {the numbers as they are}
   */
  readonly input?: BatchInput | undefined;
}
