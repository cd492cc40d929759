import type * as tf from "@tensorflow/tfjs-core";
import type { GpuBackend, GpuDevice } from "./_gpu_backend.ts";

/** More constants than a training has: those of other sizes of images come and go. */
const MOST = 64;

const known = new WeakMap<GpuDevice, Map<string, tf.TensorInfo>>();

/**
 * Gives a tensor whose numbers never change: made and uploaded at its first use on a device, and kept there.
 *
 * @param key Names the numbers: two constants with the same key have the same ones.
 */
export function getConstant(
  backend: GpuBackend,
  key: string,
  make: () => Int32Array | Float32Array,
): tf.TensorInfo {
  const constants = known.get(backend.device) ?? new Map<string, tf.TensorInfo>();
  known.set(backend.device, constants);
  const found = constants.get(key);
  if (found) return found;
  const [oldest] = constants;
  if (oldest && constants.size >= MOST) {
    backend.disposeData(oldest[1].dataId);
    constants.delete(oldest[0]);
  }
  const values = make();
  const dtype = values instanceof Int32Array ? "int32" : "float32";
  const tensor = backend.makeTensorInfo([values.length], dtype, values);
  // At once: tfjs uploads while it records, and where it has a buffer from before that ends the pass.
  backend.uploadToGPU(tensor.dataId);
  constants.set(key, tensor);
  return tensor;
}
