import * as tf from "@tensorflow/tfjs-core";

/** What of a backend that records commands is used here: tfjs's WebGPU one. */
interface Recorder {
  readonly commandEncoder?: object | null;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/** Hands the device the commands that were recorded so far, and with them the memory of what was released. */
export function submitCommands(backend: object = tf.backend()): void {
  const recorder = backend as Recorder;
  if (!recorder.commandEncoder) return;
  recorder.endComputePassEncoder();
  recorder.submitQueue();
}
