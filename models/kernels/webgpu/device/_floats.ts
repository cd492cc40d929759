import * as tf from "@tensorflow/tfjs-core";
import { areFloats, type GpuBackend } from "./_gpu_backend.ts";

/** Integers that were cast are still stored as such: these are made floats first. */
export function onFloats<T>(
  backend: GpuBackend,
  inputs: Readonly<Record<string, tf.TensorInfo>>,
  fn: (inputs: Readonly<Record<string, tf.TensorInfo>>) => T,
): T {
  const made: tf.Tensor[] = [];
  const floats = Object.fromEntries(
    Object.entries(inputs).map(([name, x]) => {
      if (areFloats(backend, x)) return [name, x];
      const float = tf.mul(x as tf.Tensor, 1);
      made.push(float);
      return [name, float];
    }),
  );
  const result = fn(floats);
  for (const tensor of made) tensor.dispose();
  return result;
}
