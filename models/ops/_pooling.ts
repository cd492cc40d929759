import * as tf from "@tensorflow/tfjs-core";
import { MAX_POOL, MAX_POOL_GRADIENT } from "../kernels/definitions/_kernel_names.ts";
import type { PoolAttrs } from "../kernels/definitions/_pool_windows.ts";
import type { Tensor } from "../types/tensor.ts";
import { applyWithGradient, isDifferentiating } from "./_base/gradients.ts";
import { fromTfjs, hasKernel, runKernel, toTfjs } from "./_base/tfjs.ts";

/** Takes the maximum over windows of NHWC, without padding. */
export function maxPool2d(x: Tensor, poolSize: number, strides: number): Tensor {
  const images = toTfjs<tf.Rank.R4>(x);
  // Where a gradient is wanted, winners are kept for it.
  const keepsWinners = hasKernel(MAX_POOL) && isDifferentiating() && images.size > 0;
  if (!keepsWinners) return fromTfjs(tf.maxPool(images, poolSize, strides, "valid"));
  const attrs: PoolAttrs = { filterSize: poolSize, strides, pad: "valid" };
  return applyWithGradient(
    x,
    (x) => {
      const [y, winners] = runKernel<[Tensor, Tensor]>(MAX_POOL, { x }, attrs);
      return { value: y, saved: [x, y, winners] };
    },
    (dy, [x, y, winners]) => runKernel(MAX_POOL_GRADIENT, { dy, x, y, winners }, attrs),
  );
}
