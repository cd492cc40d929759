import type { Tensor } from "../types/tensor.ts";

/** What a step takes: the batch of `pipelines`, its samples as the network wants them or as a step's `input` takes them. */
export interface TrainingBatch {
  /** Numbers in row-major order, and their shape: `[size, ...inputShape]`, or what the `input` takes. */
  readonly images: { readonly data: Float32Array | Uint8Array; readonly shape: readonly number[] };
  /** The index of each image's class. */
  readonly labels: Int32Array;
  /** How many images there are. */
  readonly size: number;
}

/**
 * How a batch's images become a network's input, on the backend: images and the shape of one input example to a tensor
 * `[size, ...inputShape]`. It must have its own copy of the images when it returns.
 */
export type BatchInput = (
  images: TrainingBatch["images"],
  inputShape: readonly number[],
) => Tensor;
