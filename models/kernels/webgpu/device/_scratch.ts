// Buffers for what one layer needs while it is computed. tfjs keeps the buffers of what is released until the commands that use
// them are submitted, since an upload would overtake these: a step would keep what all its layers needed. Into these buffers
// nothing is uploaded, and programs run one after the other, so that the next layer may have them at once.
import * as tf from "@tensorflow/tfjs-core";
import type { GpuBackend, GpuBuffer, GpuDevice } from "./_gpu_backend.ts";

/** `GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST`. */
const STORAGE = 0x8c;

const buffers = new WeakMap<GpuDevice, Map<string, GpuBuffer>>();

/**
 * Makes a float32 tensor for a purpose: its numbers stay until another one is made for the same purpose. It has to be disposed
 * of like others.
 */
export function makeScratch(
  backend: GpuBackend,
  purpose: string,
  shape: readonly number[],
): tf.TensorInfo {
  const known = buffers.get(backend.device) ?? new Map<string, GpuBuffer>();
  buffers.set(backend.device, known);
  const size = 4 * tf.util.sizeFromShape([...shape]);
  let buffer = known.get(purpose);
  if (!buffer || buffer.size < size) {
    // Destroyed once the commands that use it have been submitted.
    if (buffer) backend.stagingPendingDisposal.push(buffer);
    buffer = backend.bufferManager.acquireBuffer(size, STORAGE, false, false);
    known.set(purpose, buffer);
  }
  const tensor = backend.makeTensorInfo([...shape], "float32");
  const data = backend.tensorMap.get(tensor.dataId);
  data.resource = buffer;
  data.external = true;
  return tensor;
}
