import type * as tf from "@tensorflow/tfjs-core";
import type { GpuBackend } from "../device/_gpu_backend.ts";
import type { Epilogue } from "../gemm/_epilogue.ts";
import {
  computeFilterGradientDirectly,
  computeInputGradientDirectly,
  convolveDirectly,
} from "./_direct.ts";
import type { Convolution } from "./_shape.ts";

/** What convolves by tiles, once it has been loaded. */
let tiles: typeof import("./_tiles.ts") | undefined;

/** Loads what convolves by tiles, which only some adapters are better off with. */
export async function loadTiles(): Promise<void> {
  tiles ??= await import("./_tiles.ts");
}

/** Convolves images, with zeros beyond their edges. */
export function convolve(
  backend: GpuBackend,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  shape: Convolution,
  epilogue?: Epilogue,
): tf.TensorInfo {
  const compute = tiles?.isForTiles(backend, shape) ? tiles.convolveTiles : convolveDirectly;
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
  const compute = tiles?.isForTiles(backend, shape)
    ? tiles.computeInputGradientByTiles
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
  const compute = tiles?.isForTiles(backend, shape)
    ? tiles.computeFilterGradientByTiles
    : computeFilterGradientDirectly;
  return compute(backend, x, dy, shape, epilogue);
}
