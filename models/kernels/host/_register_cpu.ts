import * as tf from "@tensorflow/tfjs-core";
import { ADAM_UPDATE, DROPOUT } from "../definitions/_kernel_names.ts";
import { replaceKernel } from "../definitions/_replace_kernel.ts";
import { dropOnHost, updateAdamOnHost } from "./_host_kernels.ts";

/** Registers Rill's kernels for tfjs's plain JavaScript backend, which the tests compare the others with. */
export function registerCpuKernels(): void {
  const read = (info: tf.TensorInfo) => (info as tf.Tensor).dataSync<"float32">();
  replaceKernel("cpu", DROPOUT, ({ inputs: { x }, attrs }) => {
    const data = read(x);
    const result = new Float32Array(data.length);
    dropOnHost(data, result, attrs);
    return tf.tensor(result, x.shape);
  });
  replaceKernel("cpu", ADAM_UPDATE, ({ inputs: { parameter, gradient, ...means }, attrs }) => {
    const m = read(means.m).slice();
    const v = read(means.v).slice();
    const result = new Float32Array(m.length);
    updateAdamOnHost(read(parameter), read(gradient), m, v, result, attrs);
    return [result, m, v].map((data) => tf.tensor(data, parameter.shape));
  });
}
