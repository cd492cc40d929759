import "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { CROSS_ENTROPY, DROPOUT, RELU_GRADIENT } from "../definitions/_kernel_names.ts";
import { computeWindows } from "../definitions/_pool_windows.ts";
import type { Shape4D } from "../definitions/_kernel_signatures.ts";
import { replaceKernel } from "../definitions/_replace_kernel.ts";
import { measureCrossEntropyOnHost } from "../host/_cross_entropy_on_host.ts";
import {
  computeDepthwiseFilterGradientOnHost,
  computeDepthwiseInputGradientOnHost,
  describeDepthwise,
} from "../host/_depthwise_on_host.ts";
import {
  computeMaxPoolGradientOnHost,
  computeReluGradientOnHost,
  dropOnHost,
  hasNaN,
  rectifyOnHost,
  takeMaximaOnHost,
} from "../host/_host_kernels.ts";
import type { WasmBackend } from "./_wasm_backend.ts";

/**
 * Registers loops over tfjs's WASM heap, for where Rill's own module can't work or isn't wanted. They too work on the heap in
 * place: nothing is copied out.
 */
export function registerWasmLoops(): void {
  replaceKernel("wasm", DROPOUT, ({ inputs: { x }, attrs, backend }) => {
    const wasm = backend as WasmBackend;
    const result = wasm.makeOutput(x.shape, "float32");
    // Only now, since an allocation may move the heap.
    dropOnHost(wasm.typedArrayFromHeap(x), wasm.typedArrayFromHeap(result), attrs);
    return result;
  });

  replaceKernel("wasm", CROSS_ENTROPY, ({ inputs: { logits, labels }, attrs, backend }) => {
    const wasm = backend as WasmBackend;
    const numbers = 2 * (attrs.ends?.length ?? 1);
    const results = [
      wasm.makeOutput([numbers], "float32"),
      wasm.makeOutput(logits.shape, "float32"),
    ];
    const [measured, gradient] = results.map((result) => wasm.typedArrayFromHeap(result));
    measureCrossEntropyOnHost(
      wasm.typedArrayFromHeap(logits),
      wasm.typedArrayFromHeap(labels),
      measured!,
      gradient!,
      attrs,
    );
    return results;
  });

  // tfjs's own makes NaN 0, at most places.
  replaceKernel("wasm", "Relu", (call, original) => {
    const { x } = call.inputs;
    const wasm = call.backend as WasmBackend;
    if (!hasNaN(wasm.typedArrayFromHeap(x))) return original(call);
    const result = wasm.makeOutput(x.shape, "float32");
    rectifyOnHost(wasm.typedArrayFromHeap(x), wasm.typedArrayFromHeap(result));
    return result;
  });

  // And of maxima it leaves NaN out.
  replaceKernel("wasm", "MaxPool", (call, original) => {
    const { inputs: { x }, attrs } = call;
    const wasm = call.backend as WasmBackend;
    if (!hasNaN(wasm.typedArrayFromHeap(x))) return original(call);
    const windows = computeWindows(x.shape, attrs);
    const [batch, , , channels] = windows.input;
    const result = wasm.makeOutput([batch, ...windows.output, channels], "float32");
    takeMaximaOnHost(wasm.typedArrayFromHeap(x), wasm.typedArrayFromHeap(result), windows);
    return result;
  });

  // tfjs's own gives a window's gradient to the last of equal maxima.
  replaceKernel("wasm", "MaxPoolGrad", ({ inputs: { input, dy }, attrs, backend }) => {
    const wasm = backend as WasmBackend;
    const result = wasm.makeOutput(input.shape, "float32");
    const dx = wasm.typedArrayFromHeap(result).fill(0);
    computeMaxPoolGradientOnHost(
      wasm.typedArrayFromHeap(input),
      wasm.typedArrayFromHeap(dy),
      dx,
      computeWindows(input.shape, attrs),
    );
    return result;
  });

  // tfjs's own is the gradient times a step, of which NaN and what is infinite make NaN.
  replaceKernel("wasm", RELU_GRADIENT, ({ inputs: { x, dy }, backend }) => {
    const wasm = backend as WasmBackend;
    const result = wasm.makeOutput(x.shape, "float32");
    computeReluGradientOnHost(
      wasm.typedArrayFromHeap(x),
      wasm.typedArrayFromHeap(dy),
      wasm.typedArrayFromHeap(result),
    );
    return result;
  });

  // tfjs has none of these two.
  replaceKernel("wasm", "DepthwiseConv2dNativeBackpropInput", ({ inputs, attrs, backend }) => {
    const { dy, filter } = inputs;
    const wasm = backend as WasmBackend;
    const result = wasm.makeOutput(attrs.inputShape, "float32");
    computeDepthwiseInputGradientOnHost(
      wasm.typedArrayFromHeap(dy),
      wasm.typedArrayFromHeap(filter),
      wasm.typedArrayFromHeap(result).fill(0),
      describeDepthwise(attrs.inputShape, filter.shape as Shape4D, attrs),
    );
    return result;
  });

  replaceKernel("wasm", "DepthwiseConv2dNativeBackpropFilter", ({ inputs, attrs, backend }) => {
    const { x, dy } = inputs;
    const wasm = backend as WasmBackend;
    const result = wasm.makeOutput(attrs.filterShape, "float32");
    computeDepthwiseFilterGradientOnHost(
      wasm.typedArrayFromHeap(x),
      wasm.typedArrayFromHeap(dy),
      wasm.typedArrayFromHeap(result),
      describeDepthwise(x.shape as Shape4D, attrs.filterShape, attrs),
    );
    return result;
  });
}
