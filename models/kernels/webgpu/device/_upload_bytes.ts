import type * as tf from "@tensorflow/tfjs-core";
import type { GpuBackend } from "./_gpu_backend.ts";

/**
 * Copies bytes to the device, four to a word, in one upload. They may change as soon as this returns.
 *
 * @returns The words, for the caller to dispose of. tfjs gives their buffer to the next upload of that size, once the
 * commands that use it are submitted: so none of those sees the next bytes, although an upload overtakes what is recorded.
 */
export function uploadBytes(backend: GpuBackend, bytes: Uint8Array): tf.TensorInfo {
  const words = Math.ceil(bytes.length / 4);
  const tensor = backend.makeTensorInfo([words], "int32");
  backend.uploadToGPU(tensor.dataId); // Makes the buffer, since there are no values yet.
  const { resource } = backend.tensorMap.get(tensor.dataId);
  let whole = bytes;
  if (bytes.length % 4 > 0) {
    whole = new Uint8Array(4 * words);
    whole.set(bytes);
  }
  backend.device.queue.writeBuffer(resource!, 0, whole);
  return tensor;
}
