import * as tf from "@tensorflow/tfjs-core";
import {
  ADD_BIAS,
  ADD_BIAS_GRADIENTS,
  BLOCK_SUMS,
} from "../../kernels/definitions/_kernel_names.ts";
import { listBlockEnds, markSummable, ofEachBlock } from "./batch_sums.ts";
import { hasKernel, run, sumTo, withGradient } from "./differentiable.ts";

/**
 * Adds a bias to each row of a product, and rectifies. The product must be the caller's own, who uses it no more: it may be
 * written to.
 */
export function addBias(product: tf.Tensor, bias: tf.Tensor, relu: boolean): tf.Tensor {
  if (!hasKernel(ADD_BIAS) || product.size === 0) {
    const sum = tf.add(product, bias);
    return relu ? tf.relu(sum) : sum;
  }
  const { shape } = bias;
  const sum = withGradient(
    { product, bias },
    (save) => {
      const y = run(ADD_BIAS, { x: product, bias }, { relu });
      // The next product keeps it anyway, and it tells what passes.
      if (relu) save([y]);
      return y;
    },
    (dy, [y]) => {
      const ends = listBlockEnds(dy.size / shape[0]!);
      if (!y) {
        return {
          product: () => tf.clone(dy),
          bias: ends
            ? ofEachBlock(() => run(BLOCK_SUMS, { x: dy }, { ends }))
            : () => sumTo(dy, shape),
        };
      }
      const gradients: unknown = run(ADD_BIAS_GRADIENTS, { dy, y }, { ends });
      const [dProduct, dBias] = gradients as [tf.Tensor, tf.Tensor];
      return { product: () => dProduct, bias: ends ? ofEachBlock(() => dBias) : () => dBias };
    },
  );
  return markSummable(sum, ["result"]);
}
