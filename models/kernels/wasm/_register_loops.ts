import type * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { adamOnHost, dropoutOnHost, maxPoolGradientOnHost } from "../host/_host_kernels.ts";
import {
  ADAM_UPDATE,
  type AdamAttrs,
  DROPOUT,
  type DropoutAttrs,
} from "../definitions/_kernel_names.ts";
import { type PoolAttrs, poolWindows } from "../definitions/_pool_windows.ts";
import { replaceKernel } from "../definitions/_replace_kernel.ts";
import type { WasmBackend } from "./_wasm_backend.ts";

/**
 * Rill's kernels for tfjs's WASM backend where Rill's own module can't work, see `wasm/`. They too work on the heap in place;
 * nothing is copied out.
 */
export function registerWasmKernels(): void {
  replaceKernel("wasm", DROPOUT, ({ inputs, attrs, backend }) => {
    const wasm = backend as WasmBackend;
    const result = wasm.makeOutput(inputs.x.shape, "float32");
    // Only now, since an allocation may move the heap.
    dropoutOnHost(
      wasm.typedArrayFromHeap(inputs.x),
      wasm.typedArrayFromHeap(result),
      attrs as unknown as DropoutAttrs,
    );
    return result;
  });

  replaceKernel("wasm", ADAM_UPDATE, ({ inputs, attrs, backend }) => {
    const wasm = backend as WasmBackend;
    const { parameter, gradient, m, v } = inputs;
    // The parameter gets a new buffer: XNNPACK keeps packed copies of the weights that it has seen, by tensor.
    const result = wasm.makeOutput(parameter.shape, "float32");
    adamOnHost(
      wasm.typedArrayFromHeap(parameter),
      wasm.typedArrayFromHeap(gradient),
      wasm.typedArrayFromHeap(m),
      wasm.typedArrayFromHeap(v),
      wasm.typedArrayFromHeap(result),
      attrs as unknown as AdamAttrs,
    );
    return [result, shared(wasm, m), shared(wasm, v)];
  });

  // tfjs's own gives a window's gradient to the last of equal maxima.
  replaceKernel("wasm", "MaxPoolGrad", ({ inputs, attrs, backend }) => {
    const wasm = backend as WasmBackend;
    const { input, dy } = inputs;
    const result = wasm.makeOutput(input.shape, "float32");
    const dx = wasm.typedArrayFromHeap(result).fill(0);
    maxPoolGradientOnHost(
      wasm.typedArrayFromHeap(input),
      wasm.typedArrayFromHeap(dy),
      dx,
      poolWindows(input.shape, attrs as unknown as PoolAttrs),
    );
    return result;
  });

  // tfjs's own goes through slow generic code, and a rectifier's gradient needs it for each activation.
  replaceKernel("wasm", "Step", ({ inputs, attrs, backend }) => {
    const wasm = backend as WasmBackend;
    const { alpha } = attrs as unknown as { alpha: number };
    const result = wasm.makeOutput(inputs.x.shape, "float32");
    const x = wasm.typedArrayFromHeap(inputs.x);
    const out = wasm.typedArrayFromHeap(result);
    for (let i = 0; i < x.length; i++) out[i] = x[i] > 0 ? 1 : x[i] <= 0 ? alpha : NaN;
    return result;
  });
}

/** The same tensor under another name, without a copy. */
function shared(wasm: WasmBackend, { dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
  wasm.incRef(dataId);
  return { dataId, shape, dtype };
}
