import * as tf from "@tensorflow/tfjs-core";
import type { GpuBackend } from "./_gpu_backend.ts";

/** Tells whether all tensors hold something, as float32. tfjs's cast from int32 leaves the storage as it is: this looks there. */
export function areFloats(backend: GpuBackend, ...tensors: tf.TensorInfo[]): boolean {
  return tensors.every(({ dataId, dtype, shape }) =>
    dtype === "float32" && !shape.includes(0) && backend.tensorMap.get(dataId).dtype === "float32"
  );
}

/** Runs `fn` on tensors that are stored as floats: integers that were cast are made floats first. */
export function withFloats<Name extends string, T>(
  backend: GpuBackend,
  inputs: Readonly<Record<Name, tf.TensorInfo>>,
  fn: (inputs: Readonly<Record<Name, tf.TensorInfo>>) => T,
): T {
  const made: tf.Tensor[] = [];
  const floats = Object.fromEntries(
    Object.entries<tf.TensorInfo>(inputs).map(([name, x]) => {
      if (areFloats(backend, x)) return [name, x];
      const float = tf.mul(x as tf.Tensor, 1);
      made.push(float);
      return [name, float];
    }),
  ) as Record<Name, tf.TensorInfo>;
  const result = fn(floats);
  for (const tensor of made) tensor.dispose();
  return result;
}
