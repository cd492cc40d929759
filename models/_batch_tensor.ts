import * as ops from "./_ops.ts";
import type { Network } from "./network.ts";
import type { Tensor } from "./tensor.ts";
import type { TrainingBatch } from "./training_batch.ts";

/** Copies a batch's images to the backend, or says why the network can't take them. */
export function batchTensor(network: Network, { images, labels, size }: TrainingBatch): Tensor {
  const shape = [size, ...network.inputShape];
  if (String(images.shape) !== String(shape) || labels.length !== size) {
    throw new RangeError(
      `Cannot run the network on a batch of ${
        images.shape.join(" x ")
      } with ${labels.length} labels: ` +
        `it takes ${shape.join(" x ")} and ${size}`,
    );
  }
  const { data } = images;
  return ops.tensor(data instanceof Float32Array ? data : Float32Array.from(data), shape);
}
