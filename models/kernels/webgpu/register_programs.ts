import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-webgpu";
import { ADAM_UPDATE, type AdamAttrs, RELU_GRADIENT } from "../_names.ts";
import type { ConvolutionAttrs } from "../_conv_info.ts";
import { accelerate } from "./_accelerate.ts";
import { updateByAdam } from "./_adam.ts";
import { convolve, convolveFilterGradient, convolveInputGradient } from "./_convolution.ts";
import { convolutionOf } from "./_convolution_of.ts";
import { output } from "./_dispatch.ts";
import { areFloats } from "./_gpu_backend.ts";
import { type PoolAttrs, poolWindows } from "../_pool_windows.ts";
import { matmul } from "./_matmul.ts";
import { maxPoolGradient } from "./_max_pool_gradient.ts";
import { reluGradient } from "./_relu_gradient.ts";
import { sumRows } from "./_sum_rows.ts";

type Shape4D = [number, number, number, number];

/** Registers Rill's own WebGPU programs: products, convolutions and their gradients, Adam, sums over the first dimensions. */
export function registerPrograms(): void {
  accelerate("BatchMatMul", (backend, { inputs: { a, b }, attrs }) => {
    const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
    return areFloats(backend, a, b) ? matmul(backend, a, b, transposeA, transposeB) : undefined;
  });

  accelerate("Conv2D", (backend, { inputs: { x, filter }, attrs }) => {
    const shape = convolutionOf(x.shape, filter.shape, attrs as ConvolutionAttrs);
    return shape && areFloats(backend, x, filter) && !shape.output.includes(0)
      ? convolve(backend, x, filter, shape)
      : undefined;
  });

  accelerate("Conv2DBackpropInput", (backend, { inputs: { dy, filter }, attrs }) => {
    const { inputShape } = attrs as { inputShape: Shape4D };
    const shape = convolutionOf(inputShape, filter.shape, attrs as ConvolutionAttrs);
    return shape && areFloats(backend, dy, filter)
      ? convolveInputGradient(backend, dy, filter, shape)
      : undefined;
  });

  accelerate("Conv2DBackpropFilter", (backend, { inputs: { x, dy }, attrs }) => {
    const { filterShape } = attrs as { filterShape: Shape4D };
    const shape = convolutionOf(x.shape, filterShape, attrs as ConvolutionAttrs);
    return shape && areFloats(backend, x, dy)
      ? convolveFilterGradient(backend, x, dy, shape)
      : undefined;
  });

  accelerate(ADAM_UPDATE, (backend, { inputs: { parameter, gradient, m, v }, attrs }) => {
    const state = [parameter, m, v] as const;
    // What others hold too must stay as it is.
    const isOwn = state.every(({ dataId }) => backend.refCount(dataId) === 1);
    if (!isOwn || !areFloats(backend, ...state, gradient)) return undefined;
    updateByAdam(backend, state, gradient, attrs as unknown as AdamAttrs);
    return state.map(({ dataId, shape, dtype }) => {
      backend.incRef(dataId);
      return { dataId, shape, dtype };
    });
  });

  accelerate(
    "MaxPoolGrad",
    (backend, { inputs: { input, dy }, attrs }) =>
      areFloats(backend, input, dy)
        ? maxPoolGradient(backend, input, dy, poolWindows(input.shape, attrs as PoolAttrs))
        : undefined,
  );

  accelerate(
    RELU_GRADIENT,
    (backend, { inputs: { x, dy } }) =>
      areFloats(backend, x, dy)
        ? reluGradient(backend, x, dy)
        : tf.tidy(() => tf.mul(dy as tf.Tensor, tf.step(x as tf.Tensor))),
  );

  // Sums over the first dimensions, which is how a bias gets its gradient.
  accelerate("Sum", (backend, { inputs: { x }, attrs }) => {
    const { axis, keepDims } = attrs as unknown as { axis: number | number[]; keepDims: boolean };
    const axes = tf.util.parseAxisParam(axis, x.shape);
    const isFirst = axes.length < x.shape.length && axes.every((axis, i) => axis === i);
    if (!isFirst || !areFloats(backend, x)) return undefined;
    const rest = x.shape.slice(axes.length);
    const columns = tf.util.sizeFromShape(rest);
    const result = output(backend, [...keepDims ? axes.map(() => 1) : [], ...rest]);
    sumRows(backend, x, result, tf.util.sizeFromShape(x.shape) / columns, columns);
    return result;
  });
}
