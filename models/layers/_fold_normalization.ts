import type { Normalization } from "../ops/_epilogue.ts";
import * as ops from "../ops/mod.ts";
import type { Tensor } from "../types/tensor.ts";

/** What a product is made with: weights whose last dimension are the output channels, and a bias that may be lacking. */
export interface Weights {
  readonly weight: Tensor;
  readonly bias?: Tensor;
}

/** Folds the normalization that follows a product into its weights and its bias, so that it takes no pass of its own. */
export function foldNormalization(
  { weight, bias }: Weights,
  { scale, shift }: Normalization,
): Required<Weights> {
  return {
    weight: ops.multiply(weight, scale),
    bias: bias ? ops.add(ops.multiply(bias, scale), shift) : shift,
  };
}
