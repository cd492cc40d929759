// ReLU's gradient costs a program of its own, unless the program that computes the gradient of what comes after ReLU applies it:
// where its own input is 0 it gives no gradient. For that it has to know that its input is a rectifier's output, and the rectifier
// that its gradient is masked already. Both are marks on the data of the tensor in question, so that they go with it; tensors that
// share their numbers, such as one and its reshaped self, share them. Masking twice would do no harm, but take time.
import * as tf from "@tensorflow/tfjs-core";
import type { GpuBackend, GpuData } from "./device/_gpu_backend.ts";

const getDepth = (): number => tf.engine().state.gradientDepth;

const getData = ({ dataId }: tf.TensorInfo): GpuData =>
  (tf.backend() as unknown as GpuBackend).tensorMap.get(dataId);

/** Marks a tensor as the output of a rectifier, if its gradient is going to be asked for. */
export function markRectified(y: tf.TensorInfo): void {
  if (getDepth() > 0) getData(y).rectifiedAtDepth = getDepth();
}

/**
 * Tells whether a tensor is the output of a rectifier in the function whose gradient is computed now. To the function of an
 * inner gradient, what was computed outside it is an input like any other.
 */
export function isRectified(x: tf.TensorInfo): boolean {
  return getData(x).rectifiedAtDepth === getDepth() + 1;
}

/** Marks a gradient as 0 where a rectifier's output is 0. */
export function markMasked(dy: tf.TensorInfo, y: tf.TensorInfo): void {
  getData(dy).maskedBy = getData(y);
}

/**
 * Tells whether a gradient is marked as 0 where a rectifier's output is 0. Of another rectifier's output that says nothing: what
 * comes before a sum has the sum's gradient.
 */
export function isMasked(dy: tf.TensorInfo, y: tf.TensorInfo): boolean {
  return getData(dy).maskedBy === getData(y);
}
