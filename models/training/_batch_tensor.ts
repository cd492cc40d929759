import * as ops from "../ops/_ops.ts";
import { checkLabels } from "../losses/_check_labels.ts";
import type { BatchInput, TrainingBatch } from "./training_batch.ts";
import type { Network } from "../layers/network.ts";
import type { Tensor } from "../types/tensor.ts";

/** Throws a RangeError that says why the network can't take the batch, by `input` where there is one, if it can't. */
export function checkBatch(
  network: Network,
  { images, labels, size }: TrainingBatch,
  input?: BatchInput,
): void {
  if (network.outputShape.length !== 1) {
    throw new RangeError(
      "Cannot classify with a network whose output is " +
        `${network.outputShape.join(" x ")}: it must be one number a class`,
    );
  }
  const { data } = images;
  const shape = [size, ...(input ? images.shape.slice(1) : network.inputShape)];
  const count = shape.reduce((a, b) => a * b, 1);
  if (
    size < 1 || String(images.shape) !== String(shape) || data.length !== count ||
    labels.length !== size
  ) {
    throw new RangeError(
      `Cannot run the network on a batch of ${images.shape.join(" x ")} (${data.length} numbers) ` +
        `with ${labels.length} labels: it takes ${shape.join(" x ")} and ${size}`,
    );
  }
  checkLabels(labels, network.outputShape[0]);
}

/** Copies a batch's images to the backend, by `input` where there is one, or says why the network can't take the batch. */
export function batchTensor(network: Network, batch: TrainingBatch, input?: BatchInput): Tensor {
  checkBatch(network, batch, input);
  if (input) return input(batch.images, network.inputShape);
  const { data, shape } = batch.images;
  return ops.tensor(data instanceof Float32Array ? data : Float32Array.from(data), shape);
}
