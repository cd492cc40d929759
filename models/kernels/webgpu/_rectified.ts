// ReLU's gradient costs a program of its own, unless the program that computes the gradient of what comes after ReLU applies it:
// what is 0 in its own input gets no gradient. For that it has to know that its input is a rectifier's output, and the rectifier
// that its gradient is masked already. Masking twice would do no harm, but take time.
import * as tf from "@tensorflow/tfjs-core";

/** The outputs of rectifiers, and how deep in nested gradients they were computed. */
const rectified = new WeakMap<object, number>();
const masked = new WeakSet<object>();

const depth = () => tf.engine().state.gradientDepth;

/** Says that a tensor is the output of a rectifier. */
export function markRectified({ dataId }: tf.TensorInfo): void {
  if (depth() > 0) rectified.set(dataId, depth());
}

/**
 * Whether a tensor is the output of a rectifier in the function whose gradient is computed now. To the function of an inner
 * gradient what was computed outside it is an input like any other.
 */
export function isRectified({ dataId }: tf.TensorInfo): boolean {
  return rectified.get(dataId) === depth() + 1;
}

/** Says that a gradient is 0 where the rectifier's output is 0. */
export function markMasked({ dataId }: tf.TensorInfo): void {
  masked.add(dataId);
}

/** Whether a gradient is known to be 0 where the rectifier's output is 0. */
export function isMasked({ dataId }: tf.TensorInfo): boolean {
  return masked.has(dataId);
}
