import * as tf from "@tensorflow/tfjs-core";
import {
  CROSS_ENTROPY,
  DROPOUT,
  IMAGE_INPUT,
  RELU_GRADIENT,
} from "../definitions/_kernel_names.ts";
import type { Shape4D } from "../definitions/_kernel_signatures.ts";
import { computeWindows } from "../definitions/_pool_windows.ts";
import { replaceKernel } from "../definitions/_replace_kernel.ts";
import { collectNumbered, SUM_OF_SQUARES, UPDATES } from "../definitions/_updates.ts";
import { measureCrossEntropyOnHost } from "./_cross_entropy_on_host.ts";
import {
  computeDepthwiseFilterGradientOnHost,
  computeDepthwiseInputGradientOnHost,
  convolveDepthwiseOnHost,
  describeDepthwise,
} from "./_depthwise_on_host.ts";
import {
  computeMaxPoolGradientOnHost,
  computeReluGradientOnHost,
  dropOnHost,
  takeMaximaOnHost,
} from "./_host_kernels.ts";
import { getInputShape, makeInputOnHost } from "./_image_input_on_host.ts";
import { sumSquaresOnHost, updateOnHost } from "./_updates_on_host.ts";

const read = (info: tf.TensorInfo) => (info as tf.Tensor).dataSync<"float32">();

/** Registers Rill's kernels for tfjs's plain JavaScript backend, which the tests compare the others with. */
export function registerCpuKernels(): void {
  replaceKernel("cpu", DROPOUT, ({ inputs: { x }, attrs }) => {
    const data = read(x);
    const result = new Float32Array(data.length);
    dropOnHost(data, result, attrs);
    return tf.tensor(result, x.shape);
  });
  replaceKernel(
    "cpu",
    UPDATES,
    ({ inputs, attrs }) =>
      collectNumbered(inputs, [...attrs.own, "gradient"]).flatMap((tensors) => {
        const own = attrs.own.map((name) => read(tensors[name]!).slice());
        updateOnHost(attrs, own, read(tensors.gradient!));
        return own.map((data, i) => tf.tensor(data, tensors[attrs.own[i]!]!.shape));
      }),
  );
  replaceKernel(
    "cpu",
    SUM_OF_SQUARES,
    ({ inputs }) =>
      tf.scalar(Object.values(inputs).reduce((sum, x) => sum + sumSquaresOnHost(read(x)), 0)),
  );
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
  replaceKernel(
    "cpu",
    IMAGE_INPUT,
    ({ attrs }) => tf.tensor(makeInputOnHost(attrs), getInputShape(attrs)),
  );
  // The backend may not have been loaded.
  if (!tf.getKernel("MaxPool", "cpu")) return;
  registerPools();
  registerDepthwise();
}

/** Registers depthwise convolutions: tfjs's own take no dilation together with strides, and its gradients none at all. */
function registerDepthwise(): void {
  replaceKernel("cpu", "DepthwiseConv2dNative", ({ inputs: { x, filter }, attrs }) => {
    const info = describeDepthwise(x.shape as Shape4D, filter.shape as Shape4D, attrs);
    const shape = [info.batchSize, info.outHeight, info.outWidth, info.outChannels];
    const y = new Float32Array(tf.util.sizeFromShape(shape));
    convolveDepthwiseOnHost(read(x), read(filter), y, info);
    return tf.tensor(y, shape);
  });
  replaceKernel(
    "cpu",
    "DepthwiseConv2dNativeBackpropInput",
    ({ inputs: { dy, filter }, attrs }) => {
      const info = describeDepthwise(attrs.inputShape, filter.shape as Shape4D, attrs);
      const dx = new Float32Array(tf.util.sizeFromShape(attrs.inputShape));
      computeDepthwiseInputGradientOnHost(read(dy), read(filter), dx, info);
      return tf.tensor(dx, attrs.inputShape);
    },
  );
  replaceKernel("cpu", "DepthwiseConv2dNativeBackpropFilter", ({ inputs: { x, dy }, attrs }) => {
    const info = describeDepthwise(x.shape as Shape4D, attrs.filterShape, attrs);
    const dFilter = new Float32Array(tf.util.sizeFromShape(attrs.filterShape));
    computeDepthwiseFilterGradientOnHost(read(x), read(dy), dFilter, info);
    return tf.tensor(dFilter, attrs.filterShape);
  });
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
