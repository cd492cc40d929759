import * as tf from "@tensorflow/tfjs-core";
import {
  FIND_OVERFLOW,
  NEXT_SCALE,
  SUM_OF_SQUARES,
  type UpdateAttrs,
  UPDATES,
} from "../kernels/definitions/_updates.ts";
import type { GpuBackend } from "../kernels/webgpu/device/_gpu_backend.ts";
import { isMixed } from "../kernels/webgpu/device/_gpu_backend.ts";
import { sumSquaresInTurn as sumSquaresInHostMemory } from "../kernels/wasm/_host_memory.ts";
import { isInHostMemory } from "../kernels/wasm/_host_memory.ts";
import type { Params, Tensor } from "../types/tensor.ts";
import { viewNumbers } from "./_base/host_memory.ts";
import { createTensor } from "./_base/tensors.ts";
import { fromTfjs, runKernel, toTfjs } from "./_base/tfjs.ts";

export { MOST_SKIPPED, type Settings, type UpdateAttrs } from "../kernels/definitions/_updates.ts";

/** The state of loss scaling before the first step, PyTorch's. */
export const FIRST_LOSS_SCALING = [65536, 2000, 0, 0, 0] as const;

/**
 * Creates the state of loss scaling where the backend computes in mixed precision: that before the first step, or one that was
 * stored. Updates write to it.
 */
export function createLossScaling(
  stored: ArrayLike<number> = FIRST_LOSS_SCALING,
): Tensor | undefined {
  return tf.getBackend() === "webgpu" && isMixed(tf.backend() as unknown as GpuBackend)
    ? createTensor(Float32Array.from(stored), [stored.length])
    : undefined;
}

/** Notes in the state of loss scaling whether a scaled gradient is infinite or NaN. */
export function findOverflow(gradients: readonly Tensor[], scaling: Tensor): void {
  if (gradients.length === 0) return;
  runKernel<Tensor[]>(FIND_OVERFLOW, { ...number("gradient", gradients), scaling });
}

/** Computes the scale of the next step's loss, and takes the note of an overflow back. */
export function advanceLossScaling(scaling: Tensor): void {
  runKernel<Tensor[]>(NEXT_SCALE, { scaling });
}

/**
 * Updates tensors by one of the rules that backends have as kernels. Consumes them except the gradients: their buffers may be the
 * result's. With the state of loss scaling nothing is updated after an overflow, and gradients are divided by the scale unless
 * the attributes say that they are unscaled.
 */
export function updateByKernel(
  attrs: UpdateAttrs,
  updates: readonly Params[],
  scaling?: Tensor,
): Params[] {
  if (updates.length === 0) return [];
  const { own } = attrs;
  const inputs: Record<string, Tensor> = {};
  for (const [i, update] of updates.entries()) {
    for (const name of [...own, "gradient"]) inputs[`${name}${i}`] = update[name]!;
  }
  const results = runKernel<Tensor[]>(UPDATES, { ...inputs, ...scaling && { scaling } }, attrs);
  return updates.map((update, i) => {
    for (const name of own) update[name]!.dispose();
    return Object.fromEntries(own.map((name, j) => [name, results[i * own.length + j]!]));
  });
}

/** Divides scaled gradients by the scale. */
export function unscale(gradient: Tensor, scaling: Tensor): Tensor {
  return fromTfjs(tf.tidy(() => {
    const scale = tf.slice(toTfjs(scaling), 0, 1);
    return tf.div(toTfjs(gradient), gradient.shape.length === 0 ? tf.reshape(scale, []) : scale);
  }));
}

/** Gives the tensors that were before where the state of loss scaling tells of an overflow, and else those after. */
export function chooseUpdated(before: Tensor, after: Tensor, scaling: Tensor): Tensor {
  return fromTfjs(tf.tidy(() => {
    const { shape } = before;
    const overflow = tf.cast(tf.reshape(tf.slice(toTfjs(scaling), 3, 1), []), "bool");
    return tf.where(tf.broadcastTo(overflow, shape), toTfjs(before), toTfjs(after));
  }));
}

/** Sums the squares of all numbers of tensors, to a scalar. */
export function sumSquares(tensors: readonly Tensor[]): Tensor {
  return runKernel(SUM_OF_SQUARES, number("x", tensors));
}

/** Sums the squares of so many numbers of a tensor in main memory after the others, in double precision. */
export function sumSquaresInTurn(x: Tensor, count: number): Float64Array<ArrayBuffer> {
  return sumSquaresInHostMemory(toTfjs(x), count);
}

/** Reads a scalar at once, where that is possible: where tensors are in main memory. */
export function readScalar(x: Tensor): number | undefined {
  if (isInHostMemory()) return viewNumbers(x)[0];
  return tf.getBackend() === "cpu" ? toTfjs(x).dataSync()[0] : undefined;
}

/** Computes by what gradients are multiplied so that a norm is at most `most`, given the norm's square: PyTorch's numbers. */
export function computeClipFactor(square: Tensor, most: number): Tensor {
  return fromTfjs(
    tf.tidy(() => tf.minimum(tf.div(most, tf.add(tf.sqrt(toTfjs(square)), 1e-6)), 1)),
  );
}

/** Creates a tensor of another's shape, of one number. */
export function fillLike({ shape }: Tensor, value: number): Tensor {
  // Not `tf.zeros`, which makes an array of them and copies it to the backend.
  return fromTfjs(tf.fill(shape, value));
}

/** Gives the same tensor under another handle. */
export function share(x: Tensor): Tensor {
  return fromTfjs(tf.clone(toTfjs(x)));
}

function number(name: string, tensors: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(tensors.map((tensor, i) => [`${name}${i}`, tensor]));
}
