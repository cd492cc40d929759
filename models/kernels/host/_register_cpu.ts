import * as tf from "@tensorflow/tfjs-core";
import { adamOnHost, dropoutOnHost } from "./_host_kernels.ts";
import {
  ADAM_UPDATE,
  type AdamAttrs,
  DROPOUT,
  type DropoutAttrs,
} from "../definitions/_kernel_names.ts";
import { replaceKernel } from "../definitions/_replace_kernel.ts";

/** Rill's kernels for tfjs's plain JavaScript backend, which the tests compare the others with. */
export function registerCpuKernels(): void {
  const read = (info: tf.TensorInfo) => (info as tf.Tensor).dataSync<"float32">();
  replaceKernel("cpu", DROPOUT, ({ inputs, attrs }) => {
    const result = new Float32Array(read(inputs.x).length);
    dropoutOnHost(read(inputs.x), result, attrs as unknown as DropoutAttrs);
    return tf.tensor(result, inputs.x.shape);
  });
  replaceKernel("cpu", ADAM_UPDATE, ({ inputs, attrs }) => {
    const m = read(inputs.m).slice();
    const v = read(inputs.v).slice();
    const result = new Float32Array(m.length);
    adamOnHost(
      read(inputs.parameter),
      read(inputs.gradient),
      m,
      v,
      result,
      attrs as unknown as AdamAttrs,
    );
    return [result, m, v].map((data) => tf.tensor(data, inputs.m.shape));
  });
}
