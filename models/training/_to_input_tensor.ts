import type { Network } from "../layers/network.ts";
import * as ops from "../ops/_ops.ts";
import { countElements, formatShape, isSameShape } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import { listFields } from "./_batch_fields.ts";
import type { BatchInput, InputBatch, SizedBatch } from "./training_batch.ts";

/**
 * Throws a RangeError unless a batch has examples, so many in each of its fields; and, where its `images` are the input, unless the
 * network can take those.
 */
export function checkBatch<B extends SizedBatch>(
  network: Network,
  batch: B,
  input?: BatchInput<B>,
): void {
  listFields(batch);
  if (!input) checkImages(network, batch as Partial<InputBatch> & SizedBatch);
}

function checkImages({ inputShape }: Network, { images, size }: Partial<InputBatch>): void {
  const shape = [size ?? 0, ...inputShape];
  if (images && isSameShape(images.shape, shape) && images.data.length === countElements(shape)) {
    return;
  }
  const found = images
    ? `images of ${formatShape(images.shape)} (${images.data.length} numbers)`
    : "no images";
  throw new RangeError(
    `Cannot run the network on a batch of ${size} with ${found}: it takes ${formatShape(shape)}`,
  );
}

/**
 * Copies a batch's input to the backend, by `input` where there is one. Throws a RangeError that says why the network can't take
 * it, if it can't.
 */
export function toInputTensor<B extends SizedBatch>(
  network: Network,
  batch: B,
  input?: BatchInput<B>,
): Tensor {
  if (input) return input(batch, network.inputShape);
  const { data, shape } = (batch as B & InputBatch).images;
  return ops.createTensor(data instanceof Float32Array ? data : Float32Array.from(data), shape);
}
