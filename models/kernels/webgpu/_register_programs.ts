import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-webgpu";
import {
  ADAM_UPDATE,
  ADAM_UPDATES,
  type AdamAttrs,
  DROPOUT,
  type DropoutAttrs,
  RELU_GRADIENT,
  SGD_UPDATES,
  type SgdAttrs,
} from "../definitions/_kernel_names.ts";
import type { ConvolutionAttrs } from "../definitions/_convolution_info.ts";
import { accelerate } from "./_accelerate.ts";
import { ADAM, adamStep } from "./_adam.ts";
import { convolve, convolveFilterGradient, convolveInputGradient } from "./gemm/_convolution.ts";
import { convolutionOf } from "./gemm/_convolution_of.ts";
import { output, type Setting } from "./device/_dispatch.ts";
import { dropout } from "./_dropout.ts";
import { areFloats, type GpuBackend } from "./device/_gpu_backend.ts";
import { type PoolAttrs, poolWindows } from "../definitions/_pool_windows.ts";
import { findOverflow, nextScale } from "./_loss_scaling.ts";
import { matmul } from "./gemm/_matmul.ts";
import { maxPoolGradient } from "./_max_pool.ts";
import { onFloats } from "./device/_floats.ts";
import { reluGradient } from "./_relu_gradient.ts";
import { MOMENTUM, SGD, sgdStep } from "./_sgd.ts";
import { sumRows } from "./_sum_rows.ts";
import { transpose } from "./_transpose.ts";
import { type Updated, updateInPlace, type UpdateRule } from "./_update.ts";

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

  accelerate(ADAM_UPDATE, (backend, { inputs: { gradient, ...own }, attrs }) => {
    const updated = { own: [own.parameter, own.m, own.v], gradient };
    if (!isUpdatable(backend, updated)) return undefined;
    updateInPlace(backend, ADAM, [updated], adamStep(attrs as unknown as AdamAttrs));
    return updated.own.map((tensor) => shared(backend, tensor));
  });

  accelerate(
    ADAM_UPDATES,
    (backend, { inputs, attrs }) =>
      updateAll(
        backend,
        ADAM,
        inputs,
        adamStep(attrs as unknown as AdamAttrs),
        ([parameter, m, v], gradient) =>
          tf.engine().runKernel(
            ADAM_UPDATE,
            { parameter, gradient, m, v } as unknown as tf.NamedTensorMap,
            attrs as unknown as tf.NamedAttrMap,
          ) as tf.Tensor[],
      ),
  );

  accelerate(SGD_UPDATES, (backend, { inputs, attrs }) => {
    const { learningRate, momentum } = attrs as unknown as SgdAttrs;
    return updateAll(
      backend,
      momentum > 0 ? MOMENTUM : SGD,
      inputs,
      sgdStep({ learningRate, momentum }),
      ([parameter, ...slots], gradient) =>
        tf.tidy(() => {
          const [before] = slots as tf.Tensor[];
          const direction = before ? [tf.add(tf.mul(before, momentum), gradient as tf.Tensor)] : [];
          const step = tf.mul(direction[0] ?? gradient as tf.Tensor, -learningRate);
          return [tf.add(parameter as tf.Tensor, step), ...direction];
        }),
    );
  });

  accelerate(
    DROPOUT,
    (backend, { inputs, attrs }) =>
      onFloats(
        backend,
        inputs,
        ({ x }) =>
          x.shape.includes(0) ? undefined : dropout(backend, x, attrs as unknown as DropoutAttrs),
      ),
  );

  accelerate("Transpose", (backend, { inputs: { x }, attrs }) => {
    const { perm } = attrs as unknown as { perm: number[] };
    return areFloats(backend, x) ? transpose(backend, x, perm) : undefined;
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

/** The same tensor under another name, without a copy. */
function shared(backend: GpuBackend, { dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
  backend.incRef(dataId);
  return { dataId, shape, dtype };
}

/** Whether a parameter can be updated in place: what others hold too must stay as it is. */
function isUpdatable(backend: GpuBackend, { own, gradient }: Updated): boolean {
  return own.every(({ dataId }) => backend.refCount(dataId) === 1) &&
    areFloats(backend, ...own, gradient);
}

/** Updates parameters with scaled gradients: all of them, or none where a gradient has overflown. */
function updateScaled(
  backend: GpuBackend,
  rule: UpdateRule,
  all: readonly Updated[],
  step: Setting[],
  scaling: tf.TensorInfo,
): tf.TensorInfo[] {
  const updated = all.map((one) => ({
    gradient: one.gradient,
    // What others hold too must stay as it is: a copy is updated.
    own: isUpdatable(backend, one)
      ? one.own.map((tensor) => shared(backend, tensor))
      : one.own.map((tensor) => tf.mul(tensor as tf.Tensor, 1)),
  }));
  findOverflow(backend, updated, scaling);
  updateInPlace(backend, rule, updated, step, scaling);
  nextScale(backend, scaling);
  return updated.flatMap(({ own }) => own);
}

/** Updates several parameters: in place those that can be, the others by `update`. */
function updateAll(
  backend: GpuBackend,
  rule: UpdateRule,
  inputs: Readonly<Record<string, tf.TensorInfo>>,
  step: Setting[],
  update: (own: readonly tf.TensorInfo[], gradient: tf.TensorInfo) => readonly tf.TensorInfo[],
): tf.TensorInfo[] {
  const all: Updated[] = [];
  for (let i = 0; `parameter${i}` in inputs; i++) {
    all.push({
      own: rule.own.map((name) => inputs[`${name}${i}`]),
      gradient: inputs[`gradient${i}`],
    });
  }
  if (inputs.scaling) return updateScaled(backend, rule, all, step, inputs.scaling);
  const inPlace = all.filter((updated) => isUpdatable(backend, updated));
  updateInPlace(backend, rule, inPlace, step);
  return all.flatMap((updated) =>
    inPlace.includes(updated)
      ? updated.own.map((tensor) => shared(backend, tensor))
      : update(updated.own, updated.gradient)
  );
}
