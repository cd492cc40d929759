import * as tf from "@tensorflow/tfjs-core";
import type { GpuBackend } from "./_gpu_backend.ts";

/** Hands the device the commands that were recorded so far, and with them the memory of what was released. */
export function submitCommands(backend: object = tf.backend()): void {
  // Other backends record nothing, and have no encoder.
  const recorder = backend as Partial<GpuBackend>;
  if (!recorder.commandEncoder) return;
  recorder.endComputePassEncoder?.();
  recorder.submitQueue?.();
}
