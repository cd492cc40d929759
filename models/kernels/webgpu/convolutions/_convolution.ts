import type * as tf from "@tensorflow/tfjs-core";
import type { GpuBackend } from "../device/_gpu_backend.ts";
import type { Epilogue } from "../gemm/_epilogue.ts";
import {
  computeFilterGradientDirectly,
  computeInputGradientDirectly,
  convolveDirectly,
} from "./_direct.ts";
import type { Convolution } from "./_shape.ts";
import {
  computeFilterGradientByTiles,
  computeInputGradientByTiles,
  convolveTiles,
  isForTiles,
} from "./_tiles.ts";

/** Convolves images, with zeros beyond their edges. */
export function convolve(
  backend: GpuBackend,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  shape: Convolution,
  epilogue?: Epilogue,
): tf.TensorInfo {
  const compute = isForTiles(backend, shape) ? convolveTiles : convolveDirectly;
  return compute(backend, x, filter, shape, epilogue);
}

/** Computes the gradient for the input. */
export function convolveInputGradient(
  backend: GpuBackend,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  shape: Convolution,
  epilogue?: Epilogue,
): tf.TensorInfo {
  const compute = isForTiles(backend, shape)
    ? computeInputGradientByTiles
    : computeInputGradientDirectly;
  return compute(backend, dy, filter, shape, epilogue);
}

/** Computes the gradient for the filter. */
export function convolveFilterGradient(
  backend: GpuBackend,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  shape: Convolution,
  epilogue?: Epilogue,
): tf.TensorInfo {
  const compute = isForTiles(backend, shape)
    ? computeFilterGradientByTiles
    : computeFilterGradientDirectly;
  return compute(backend, x, dy, shape, epilogue);
}
