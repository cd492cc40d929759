import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { computeWindows } from "../definitions/_pool_windows.ts";
import { replaceKernel } from "../definitions/_replace_kernel.ts";
import {
  averageOnHost,
  clipOnHost,
  computeSignsOnHost,
  findPlacesOnHost,
} from "../host/_careful_on_host.ts";
import { hasNaN } from "../host/_host_kernels.ts";
import type { WasmBackend } from "./_wasm_backend.ts";

/** Registers kernels that carry NaN where tfjs's lose it: these look for it first, and leave the rest to tfjs's. */
export function registerCarefulKernels(): void {
  const clip = (wasm: WasmBackend, x: tf.TensorInfo, low: number, high: number) => {
    const result = wasm.makeOutput(x.shape, "float32");
    clipOnHost(wasm.typedArrayFromHeap(x), wasm.typedArrayFromHeap(result), low, high);
    return result;
  };

  replaceKernel("wasm", "ClipByValue", (call, original) => {
    const { inputs: { x }, attrs: { clipValueMin, clipValueMax } } = call;
    const wasm = call.backend as WasmBackend;
    return hasNaN(wasm.typedArrayFromHeap(x))
      ? clip(wasm, x, clipValueMin, clipValueMax)
      : original(call);
  });

  replaceKernel("wasm", "Relu6", (call, original) => {
    const { x } = call.inputs;
    const wasm = call.backend as WasmBackend;
    return hasNaN(wasm.typedArrayFromHeap(x)) ? clip(wasm, x, 0, 6) : original(call);
  });

  // tfjs's own makes very small numbers 0.
  replaceKernel("wasm", "Sign", ({ inputs: { x }, backend }) => {
    const wasm = backend as WasmBackend;
    const result = wasm.makeOutput(x.shape, "float32");
    computeSignsOnHost(wasm.typedArrayFromHeap(x), wasm.typedArrayFromHeap(result));
    return result;
  });

  // NaN is lost if it is the second operand's.
  for (const name of ["Maximum", "Minimum"] as const) {
    replaceKernel("wasm", name, (call, original) => {
      const wasm = call.backend as WasmBackend;
      const b = call.inputs.b as tf.Tensor;
      if (b.dtype !== "float32" || !hasNaN(wasm.typedArrayFromHeap(b))) return original(call);
      const extreme = original(call) as tf.TensorInfo;
      const result = tf.tidy(() =>
        tf.where(tf.isNaN(b), b, tf.engine().makeTensorFromTensorInfo(extreme))
      );
      return result;
    });
  }

  for (const [name, sign] of [["ArgMax", 1], ["ArgMin", -1]] as const) {
    replaceKernel("wasm", name, (call, original) => {
      const { inputs: { x }, attrs: { axis } } = call;
      const wasm = call.backend as WasmBackend;
      if (x.dtype !== "float32" || !hasNaN(wasm.typedArrayFromHeap(x))) return original(call);
      const shape = x.shape.toSpliced(axis, 1);
      const result = wasm.makeOutput(shape, "int32");
      findPlacesOnHost(
        wasm.typedArrayFromHeap(x),
        wasm.typedArrayFromHeap(result) as unknown as Int32Array,
        x.shape[axis]!,
        tf.util.sizeFromShape(x.shape.slice(axis + 1)),
        sign,
      );
      return result;
    });
  }

  replaceKernel("wasm", "AvgPool", (call, original) => {
    const { inputs: { x }, attrs } = call;
    const wasm = call.backend as WasmBackend;
    if (!hasNaN(wasm.typedArrayFromHeap(x))) return original(call);
    const windows = computeWindows(x.shape, attrs);
    const [batch, , , channels] = windows.input;
    const result = wasm.makeOutput([batch, ...windows.output, channels], "float32");
    averageOnHost(wasm.typedArrayFromHeap(x), wasm.typedArrayFromHeap(result), windows);
    return result;
  });
}
