// Products with transposed operands, written with the plain one. tfjs's own kernels for them take a scalar path, ten times
// (WASM) or three times (WebGPU) slower, and on WebGPU one of them, for a long inner dimension and a small product with
// `transposeB`, gives wrong numbers.
import * as tf from "@tensorflow/tfjs-core";
import { MULTIPLY_COLUMNS } from "./definitions/_kernel_names.ts";
import { replaceKernel } from "./definitions/_replace_kernel.ts";

/** Registers `MULTIPLY_COLUMNS` for a backend. */
export function registerComposedColumns(backendName: string): void {
  replaceKernel(backendName, MULTIPLY_COLUMNS, ({ inputs, attrs: { start, end } }) => {
    const [x, weight] = [inputs.x as tf.Tensor2D, inputs.weight as tf.Tensor2D];
    return tf.tidy(() => tf.matMul(x, tf.slice(weight, [0, start], [-1, end - start])));
  });
}

/** Registers `BatchMatMul` for a backend. */
export function registerComposedMatmul(backendName: string): void {
  replaceKernel(backendName, "BatchMatMul", (call, original) => {
    const { transposeA, transposeB } = call.attrs;
    if (!transposeA && !transposeB) return original(call);
    const a = call.inputs.a as tf.Tensor;
    const b = call.inputs.b as tf.Tensor;
    // Where b is the larger operand, a · bᵀ is computed as (b · aᵀ)ᵀ: the weights of a linear layer are then not transposed,
    // nor packed by XNNPACK, which packs second operands.
    return tf.tidy(() =>
      transposeB && !transposeA && b.size > a.size
        ? transposeMatrices(tf.matMul(b, transposeMatrices(a)))
        : tf.matMul(
          transposeA ? transposeMatrices(a) : a,
          transposeB ? transposeMatrices(b) : b,
        )
    );
  });
}

/**
 * Registers `BatchMatMul` with tfjs's own kernel for WebGPU wherever that is right: with `transposeB`, where it splits along
 * the inner dimension, its numbers are wrong.
 */
export function registerStockMatmul(): void {
  replaceKernel("webgpu", "BatchMatMul", (call, original) => {
    const { transposeA, transposeB } = call.attrs;
    const a = call.inputs.a as tf.Tensor;
    const b = call.inputs.b as tf.Tensor;
    const [rows = 0, columns = 0] = b.shape.slice(-2);
    // It splits from 2000 on, for results of 16 tiles of 32 × 32 at most.
    const isSplit = columns >= 2000 && a.size > 0 && Math.ceil(rows / 32) <= 16;
    if (!transposeB || !isSplit) return original(call);
    return tf.tidy(() => tf.matMul(a, transposeMatrices(b), transposeA));
  });
}

/** Exchanges the last two dimensions. */
function transposeMatrices(x: tf.Tensor): tf.Tensor {
  const order = x.shape.map((_, d) => d);
  return tf.transpose(x, [...order.slice(0, -2), ...order.slice(-2).reverse()]);
}
