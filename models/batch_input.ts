import type { Tensor } from "./tensor.ts";
import type { TrainingBatch } from "./training_batch.ts";

/**
 * How a batch's images become a network's input, on the backend: images and the shape of one input example to a tensor
 * `[size, ...inputShape]`. It must have its own copy of the images when it returns.
 */
export type BatchInput = (
  images: TrainingBatch["images"],
  inputShape: readonly number[],
) => Tensor;
