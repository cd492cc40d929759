import * as tf from "@tensorflow/tfjs-core";
import { IMAGE_INPUT, type ImageInputAttrs } from "../../kernels/definitions/_kernel_names.ts";
import { submitCommands } from "../../kernels/webgpu/device/_dispatch.ts";
import type { Tensor } from "../../types/tensor.ts";
import { checkOpen } from "./operands.ts";
import { fromTfjs, runKernel, toTfjs } from "./tfjs.ts";

/**
 * Creates a float32 tensor from numbers, which must stay as they are until its first use: a backend may copy them only then.
 * Throws a `BackendError` if no backend is open.
 */
export function createTensor(data: Float32Array, shape: readonly number[]): Tensor {
  checkOpen("make a tensor");
  return fromTfjs(tf.tensor(data, [...shape], "float32"));
}

/** Creates an int32 vector from numbers. */
export function createIndices(data: Int32Array): Tensor {
  return fromTfjs(tf.tensor1d(data, "int32"));
}

/** Creates a network's input from images of bytes, resized and normalized: see `imageInput`. */
export function createImageInput(attrs: ImageInputAttrs): Tensor {
  checkOpen("make a tensor");
  return runKernel(IMAGE_INPUT, {}, attrs);
}

/** Runs `fn` and releases every tensor that it made except those that it returns. */
export function tidy<T>(fn: () => T): T {
  return tf.tidy(fn as () => tf.TensorContainer) as T;
}

/** Releases a tensor that the innermost `tidy` would release at its end. */
export function releaseEarly(x: Tensor): void {
  const tensor = toTfjs(x) as unknown as { scopeId?: number; kept: boolean };
  const { activeScope } = tf.engine().state;
  if (activeScope && tensor.scopeId === activeScope.id && !tensor.kept) x.dispose();
}

/** Counts the tensors that are alive. */
export function countTensors(): number {
  return tf.engine().state.numTensors;
}

/** Submits the commands that were recorded for the device, if the backend records: called at the end of a step. */
export function submit(): void {
  submitCommands();
}
