// Products with transposed operands, written with the plain one. tfjs's own kernels for them take a scalar path, ten times
// (WASM) or three times (WebGPU) slower, and on WebGPU one of them, for a long inner dimension and a small product with
// `transposeB`, gives wrong numbers.
import * as tf from "@tensorflow/tfjs-core";
import { replaceKernel } from "./definitions/_replace_kernel.ts";

/** Registers `BatchMatMul` for a backend. */
export function registerComposedMatmul(backendName: string): void {
  replaceKernel(backendName, "BatchMatMul", (call, original) => {
    const { transposeA, transposeB } = call.attrs as { transposeA: boolean; transposeB: boolean };
    if (!transposeA && !transposeB) return original!(call);
    const a = call.inputs.a as tf.Tensor;
    const b = call.inputs.b as tf.Tensor;
    // Where b is the larger operand, a · bᵀ is computed as (b · aᵀ)ᵀ: the weights of a linear layer are then not transposed,
    // nor packed by XNNPACK, which packs second operands.
    return tf.tidy(() =>
      transposeB && !transposeA && b.size > a.size
        ? transposed(tf.matMul(b, transposed(a)))
        : tf.matMul(transposeA ? transposed(a) : a, transposeB ? transposed(b) : b)
    );
  });
}

/**
 * Registers `BatchMatMul` with tfjs's own kernel for WebGPU wherever that is right: what it splits along the inner dimension is
 * garbage with `transposeB`.
 */
export function registerStockMatmul(): void {
  replaceKernel("webgpu", "BatchMatMul", (call, original) => {
    const { transposeA, transposeB } = call.attrs as { transposeA: boolean; transposeB: boolean };
    const a = call.inputs.a as tf.Tensor;
    const b = call.inputs.b as tf.Tensor;
    // It splits from 2000 on, for results of 16 tiles of 32 × 32 at most.
    const isSplit = b.shape[b.shape.length - 1] >= 2000 && a.size > 0 &&
      Math.ceil(b.shape[b.shape.length - 2] / 32) <= 16;
    if (!transposeB || !isSplit) return original!(call);
    return tf.tidy(() => tf.matMul(a, transposed(b), transposeA));
  });
}

/** With the last two dimensions exchanged. */
function transposed(x: tf.Tensor): tf.Tensor {
  const order = x.shape.map((_, d) => d);
  [order[order.length - 2], order[order.length - 1]] = [order.length - 1, order.length - 2];
  return tf.transpose(x, order);
}
