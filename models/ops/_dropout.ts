import { DROPOUT, type DropoutAttrs } from "../kernels/definitions/_kernel_names.ts";
import type { Tensor } from "../types/tensor.ts";
import type { DropoutMask } from "./_epilogue.ts";
import { applyWithGradient } from "./_base/gradients.ts";
import { runKernel } from "./_base/tfjs.ts";

/** Sets the elements of a mask to 0 and scales the others by 1 / (1 - rate). */
export function dropout(x: Tensor, mask: DropoutMask): Tensor {
  const attrs = toDropoutAttrs(mask);
  const drop = (x: Tensor) => runKernel(DROPOUT, { x }, attrs);
  return applyWithGradient(x, (x) => ({ value: drop(x), saved: [] }), drop);
}

/** Converts a mask to the attributes of kernels. */
export function toDropoutAttrs({ rate, key: [key0, key1], offset }: DropoutMask): DropoutAttrs {
  return { rate, key0: key0 | 0, key1: key1 | 0, offset };
}
