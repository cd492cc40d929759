import type { Network } from "../layers/network.ts";
import * as ops from "../ops/_ops.ts";
import { countElements, formatShape, isSameShape, isVectorShape } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import type { BatchInput, TrainingBatch } from "./training_batch.ts";

/** Counts a network's classes. Throws a RangeError if its output is not one logit for each. */
export function countClasses({ outputShape }: Network): number {
  if (isVectorShape(outputShape)) return outputShape[0];
  throw new RangeError(
    `Cannot classify with a network whose output is ${
      formatShape(outputShape)
    }: it must be one number a class`,
  );
}

/** Throws a RangeError that says why the network can't take the batch, by `input` where there is one, if it can't. */
export function checkBatch(
  network: Network,
  { images, labels, size }: TrainingBatch,
  input?: BatchInput,
): void {
  const classes = countClasses(network);
  const { data } = images;
  const shape = [size, ...(input ? images.shape.slice(1) : network.inputShape)];
  if (
    size < 1 || !isSameShape(images.shape, shape) || data.length !== countElements(shape) ||
    labels.length !== size
  ) {
    throw new RangeError(
      `Cannot run the network on a batch of ${
        formatShape(images.shape)
      } (${data.length} numbers) with ${labels.length} labels: it takes ${
        formatShape(shape)
      } and ${size}`,
    );
  }
  ops.checkLabels(labels, classes);
}

/**
 * Copies a batch's images to the backend, by `input` where there is one. Throws a RangeError that says why the network can't take
 * the batch, if it can't.
 */
export function toInputTensor(network: Network, batch: TrainingBatch, input?: BatchInput): Tensor {
  checkBatch(network, batch, input);
  if (input) return input(batch.images, network.inputShape);
  const { data, shape } = batch.images;
  return ops.createTensor(data instanceof Float32Array ? data : Float32Array.from(data), shape);
}
