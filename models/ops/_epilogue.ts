import type { Key } from "../random/key.ts";
import type { Tensor } from "../types/tensor.ts";

/**
 * The operations that follow a layer's product and can be computed in the same program: normalization by numbers that are known
 * before, ReLU, and dropout after it.
 */
export interface Epilogue {
  /** Normalization before ReLU, which is read where it can be folded into the product. */
  readonly normalization?: () => Normalization;
  /** Whether negative numbers become 0. */
  readonly relu?: boolean;
  /** Dropout after ReLU. */
  readonly dropout?: DropoutMask | undefined;
}

/** What each channel is multiplied with and what is added then, `[channels]`. */
export interface Normalization {
  readonly scale: Tensor;
  readonly shift: Tensor;
}

/** The elements that dropout sets to 0, as a pure function of a key and of their positions. */
export interface DropoutMask {
  /** The probability that an element is dropped. */
  readonly rate: number;
  /** The key of the draw. */
  readonly key: Key;
  /** The position of the first element, where the tensor is a part of a larger batch's. */
  readonly offset: number;
}
