import type { Key } from "../random/key.ts";

/** What follows a product of a layer and can be computed in the same program: ReLU, and dropout after it. */
export interface Epilogue {
  /** Whether negative numbers become 0. */
  readonly relu?: boolean;
  /**
   * Dropout after ReLU: the probability that a number is dropped, the key that says which are, and the place of the first
   * one where the layer's output is a part of a larger batch's.
   */
  readonly dropout?: { readonly rate: number; readonly key: Key; readonly offset: number };
}
