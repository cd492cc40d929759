import * as tf from "@tensorflow/tfjs-core";
import { forgetPacked } from "./_host_memory.ts";
import { dropoutThreshold } from "../host/_host_kernels.ts";
import {
  ADAM_UPDATE,
  type AdamAttrs,
  DROPOUT,
  type DropoutAttrs,
} from "../definitions/_kernel_names.ts";
import { type PoolAttrs, poolWindows } from "../definitions/_pool_windows.ts";
import { accelerate, areFloats, output } from "./_accelerate.ts";
import type { BoundModule } from "./_bound_module.ts";
import type { WasmBackend } from "./_wasm_backend.ts";

/** Registers what goes over tensors number by number. */
export function registerElementwise(): void {
  accelerate(ADAM_UPDATE, (module, { inputs: { gradient, ...inputs }, attrs, backend }) => {
    const { beta1, beta2, stepSize, correction, epsilon } = attrs as unknown as AdamAttrs;
    const results = [inputs.parameter, inputs.m, inputs.v].map((x) => reused(module, backend, x));
    const [parameter, m, v] = results;
    module.functions.adam(
      module.address(parameter),
      module.address(gradient),
      module.address(m),
      module.address(v),
      tf.util.sizeFromShape(parameter.shape),
      beta1,
      beta2,
      1 - beta1,
      1 - beta2,
      stepSize,
      1 / correction,
      epsilon,
    );
    forgetPacked(backend, parameter);
    return results;
  });

  accelerate(DROPOUT, ({ functions, address, workspace }, { inputs: { x }, attrs, backend }) => {
    const { rate, key0, key1, offset = 0 } = attrs as unknown as DropoutAttrs;
    return output(backend, x.shape, (y) => {
      functions.dropout(
        address(x),
        y,
        tf.util.sizeFromShape(x.shape),
        key0,
        key1,
        offset,
        dropoutThreshold(rate),
        1 / (1 - rate),
        workspace(32),
      );
    });
  });

  accelerate("MaxPoolGrad", ({ functions, address }, { inputs, attrs, backend }) => {
    const { input, dy } = inputs;
    if (!areFloats(input, dy)) return undefined;
    const windows = poolWindows(input.shape, attrs as unknown as PoolAttrs);
    return output(backend, input.shape, (dx) => {
      functions.maxPoolGradient(
        address(input),
        address(dy),
        dx,
        ...windows.input,
        ...windows.output,
        ...windows.window,
        ...windows.strides,
        ...windows.padding,
      );
    });
  });

  // tfjs's own copies the numbers, which nothing changes as long as two tensors have them.
  accelerate(
    "Identity",
    (_, { inputs: { x }, backend }) => x.dtype === "string" ? undefined : shared(backend, x),
  );

  accelerate("Step", ({ functions, address }, { inputs: { x }, attrs, backend }) => {
    if (!areFloats(x)) return undefined;
    const { alpha } = attrs as unknown as { alpha: number };
    return output(backend, x.shape, (y) => {
      functions.step(address(x), y, tf.util.sizeFromShape(x.shape), alpha);
    });
  });

  // Sums over the first dimensions, which is how a bias gets its gradient.
  accelerate("Sum", ({ functions, address }, { inputs: { x }, attrs, backend }) => {
    const { axis, keepDims } = attrs as unknown as { axis: number | number[]; keepDims: boolean };
    const axes = tf.util.parseAxisParam(axis, x.shape);
    const isFirst = axes.length < x.shape.length && axes.every((axis, i) => axis === i);
    if (!areFloats(x) || !isFirst) return undefined;
    const rest = x.shape.slice(axes.length);
    const columns = tf.util.sizeFromShape(rest);
    return output(backend, [...keepDims ? axes.map(() => 1) : [], ...rest], (y) => {
      functions.sumRows(address(x), y, tf.util.sizeFromShape(x.shape) / columns, columns);
    });
  });
}

/** A tensor to be changed in place: itself under another name, or a copy if others have its numbers too. */
function reused(
  { address, bytes }: BoundModule,
  backend: WasmBackend,
  x: tf.TensorInfo,
): tf.TensorInfo {
  if (backend.refCount(x.dataId) === 1) return shared(backend, x);
  return output(backend, x.shape, (to) => {
    const length = tf.util.sizeFromShape(x.shape) * 4;
    bytes(to, length).set(bytes(address(x), length));
  });
}

/** The same tensor under another name, without a copy. */
function shared(backend: WasmBackend, { dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
  backend.incRef(dataId);
  return { dataId, shape, dtype };
}
