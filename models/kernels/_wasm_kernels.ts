import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { adamOnHost, dropoutOnHost } from "./_host_kernels.ts";
import { ADAM_UPDATE, DROPOUT, type DropoutAttrs } from "./_names.ts";
import { replaceKernel } from "./_replace_kernel.ts";

/** What of tfjs's WASM backend the kernels use: tensors live in its heap. */
interface WasmBackend {
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  typedArrayFromHeap(info: tf.TensorInfo): Float32Array;
  incRef(dataId: object): void;
}

/** Rill's kernels for tfjs's WASM backend. They work on the heap in place; nothing is copied out. */
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
      attrs as unknown as Parameters<typeof adamOnHost>[5],
    );
    return [result, shared(wasm, m), shared(wasm, v)];
  });

  // A transposed operand takes a scalar path, more than ten times slower than XNNPACK's, which packs the second operand
  // first. So transposed operands are transposed explicitly, and where that would be the larger of the two, a · bᵀ is
  // computed as (b · aᵀ)ᵀ: the weights of a linear layer are then neither transposed nor packed.
  replaceKernel("wasm", "BatchMatMul", (call, original) => {
    const { transposeA, transposeB } = call.attrs as { transposeA: boolean; transposeB: boolean };
    if (!transposeA && !transposeB) return original!(call);
    const a = call.inputs.a as tf.Tensor;
    const b = call.inputs.b as tf.Tensor;
    return tf.tidy(() =>
      transposeB && !transposeA && b.size > a.size
        ? transposed(tf.matMul(b, transposed(a)))
        : tf.matMul(transposeA ? transposed(a) : a, transposeB ? transposed(b) : b)
    );
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

/** With the last two dimensions exchanged. */
function transposed(x: tf.Tensor): tf.Tensor {
  const order = x.shape.map((_, d) => d);
  [order[order.length - 2], order[order.length - 1]] = [order.length - 1, order.length - 2];
  return tf.transpose(x, order);
}
