import * as tf from "@tensorflow/tfjs-core";
import { computeFirstSum } from "../definitions/_first_sum.ts";
import { DROPOUT, RELU_GRADIENT } from "../definitions/_kernel_names.ts";
import { computeWindows } from "../definitions/_pool_windows.ts";
import { computeDropoutThreshold } from "../host/_host_kernels.ts";
import { accelerate, areFloats, makeOutput } from "./_accelerate.ts";
import { shareTensor } from "./_wasm_backend.ts";

/** Registers the kernels that go over tensors number by number. */
export function registerElementwise(): void {
  accelerate(DROPOUT, ({ functions, address, workspace }, { inputs: { x }, attrs, backend }) => {
    const { rate, key0, key1, offset = 0 } = attrs;
    return makeOutput(backend, x.shape, (y) => {
      functions.dropout(
        address(x),
        y,
        tf.util.sizeFromShape(x.shape),
        key0,
        key1,
        offset,
        computeDropoutThreshold(rate),
        1 / (1 - rate),
        workspace(32),
      );
    });
  });

  accelerate("MaxPool", ({ functions, address }, { inputs: { x }, attrs, backend }) => {
    if (!areFloats(x)) return undefined;
    const windows = computeWindows(x.shape, attrs);
    const [batch, , , channels] = windows.input;
    return makeOutput(backend, [batch, ...windows.output, channels], (y) => {
      functions.maxPool(
        address(x),
        y,
        ...windows.input,
        ...windows.output,
        ...windows.window,
        ...windows.strides,
        ...windows.padding,
      );
    });
  });

  accelerate("MaxPoolGrad", ({ functions, address }, { inputs, attrs, backend }) => {
    const { input, dy } = inputs;
    if (!areFloats(input, dy)) return undefined;
    const windows = computeWindows(input.shape, attrs);
    return makeOutput(backend, input.shape, (dx) => {
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
    (_, { inputs: { x }, backend }) => x.dtype === "string" ? undefined : shareTensor(backend, x),
  );

  accelerate("Relu", ({ functions, address }, { inputs: { x }, backend }) => {
    if (!areFloats(x)) return undefined;
    return makeOutput(backend, x.shape, (y) => {
      functions.relu(address(x), y, tf.util.sizeFromShape(x.shape));
    });
  });

  accelerate(RELU_GRADIENT, ({ functions, address }, { inputs: { x, dy }, backend }) => {
    if (!areFloats(x, dy)) return undefined;
    return makeOutput(backend, x.shape, (dx) => {
      functions.reluGradient(address(x), address(dy), dx, tf.util.sizeFromShape(x.shape));
    });
  });

  // Sums over the first dimensions, which is how a bias gets its gradient.
  accelerate("Sum", ({ functions, address }, { inputs: { x }, attrs, backend }) => {
    const sum = areFloats(x) ? computeFirstSum(x.shape, attrs) : undefined;
    return sum && makeOutput(backend, sum.shape, (y) => {
      functions.sumRows(address(x), y, sum.rows, sum.columns);
    });
  });
}
