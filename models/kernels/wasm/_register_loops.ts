import "@tensorflow/tfjs-backend-wasm";
import { ADAM_UPDATE, DROPOUT } from "../definitions/_kernel_names.ts";
import { computeWindows } from "../definitions/_pool_windows.ts";
import { replaceKernel } from "../definitions/_replace_kernel.ts";
import {
  computeMaxPoolGradientOnHost,
  dropOnHost,
  updateAdamOnHost,
} from "../host/_host_kernels.ts";
import { shareTensor, type WasmBackend } from "./_wasm_backend.ts";

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

  replaceKernel("wasm", ADAM_UPDATE, ({ inputs, attrs, backend }) => {
    const wasm = backend as WasmBackend;
    const { parameter, gradient, m, v } = inputs;
    // The parameter gets a new buffer: XNNPACK keeps packed copies of the weights that it has seen, by tensor.
    const result = wasm.makeOutput(parameter.shape, "float32");
    updateAdamOnHost(
      wasm.typedArrayFromHeap(parameter),
      wasm.typedArrayFromHeap(gradient),
      wasm.typedArrayFromHeap(m),
      wasm.typedArrayFromHeap(v),
      wasm.typedArrayFromHeap(result),
      attrs,
    );
    return [result, shareTensor(wasm, m), shareTensor(wasm, v)];
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

  // tfjs's own goes through slow generic code, and a rectifier's gradient needs it for each activation.
  replaceKernel("wasm", "Step", ({ inputs, attrs: { alpha }, backend }) => {
    const wasm = backend as WasmBackend;
    const result = wasm.makeOutput(inputs.x.shape, "float32");
    const x = wasm.typedArrayFromHeap(inputs.x);
    const out = wasm.typedArrayFromHeap(result);
    for (let i = 0; i < x.length; i++) out[i] = x[i]! > 0 ? 1 : x[i]! <= 0 ? alpha : NaN;
    return result;
  });
}
