import * as tf from "@tensorflow/tfjs-core";
import {
  ADAM_UPDATE,
  CROSS_ENTROPY,
  DROPOUT,
  RELU_GRADIENT,
} from "../definitions/_kernel_names.ts";
import { computeWindows } from "../definitions/_pool_windows.ts";
import { replaceKernel } from "../definitions/_replace_kernel.ts";
import { measureCrossEntropyOnHost } from "./_cross_entropy_on_host.ts";
import {
  computeMaxPoolGradientOnHost,
  computeReluGradientOnHost,
  dropOnHost,
  takeMaximaOnHost,
  updateAdamOnHost,
} from "./_host_kernels.ts";

const read = (info: tf.TensorInfo) => (info as tf.Tensor).dataSync<"float32">();

/** Registers Rill's kernels for tfjs's plain JavaScript backend, which the tests compare the others with. */
export function registerCpuKernels(): void {
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
  replaceKernel("cpu", RELU_GRADIENT, ({ inputs: { x, dy } }) => {
    const data = read(x);
    const result = new Float32Array(data.length);
    computeReluGradientOnHost(data, read(dy), result);
    return tf.tensor(result, x.shape);
  });
  replaceKernel("cpu", CROSS_ENTROPY, ({ inputs: { logits, labels } }) => {
    const data = read(logits);
    const measured = new Float32Array(2);
    const gradient = new Float32Array(data.length);
    measureCrossEntropyOnHost(data, read(labels), measured, gradient);
    return [tf.tensor(measured), tf.tensor(gradient, logits.shape)];
  });
  // The backend may not have been loaded.
  if (tf.getKernel("MaxPool", "cpu")) registerPools();
}

/** Registers maxima of what isn't finite: tfjs leaves NaN out, and finds no maximum where all is -Infinity. */
function registerPools(): void {
  replaceKernel("cpu", "MaxPool", (call, original) => {
    const { inputs: { x }, attrs } = call;
    const data = read(x);
    if (data.every(Number.isFinite)) return original(call);
    const windows = computeWindows(x.shape, attrs);
    const [batch, , , channels] = windows.input;
    const shape = [batch, ...windows.output, channels];
    const result = new Float32Array(tf.util.sizeFromShape(shape));
    takeMaximaOnHost(data, result, windows);
    return tf.tensor(result, shape);
  });
  replaceKernel("cpu", "MaxPoolGrad", (call, original) => {
    const { inputs: { input, dy }, attrs } = call;
    const data = read(input);
    if (data.every(Number.isFinite)) return original(call);
    const result = new Float32Array(data.length);
    computeMaxPoolGradientOnHost(data, read(dy), result, computeWindows(input.shape, attrs));
    return tf.tensor(result, input.shape);
  });
}
