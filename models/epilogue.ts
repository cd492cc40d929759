import type { Key } from "./key.ts";

/** What follows a product of a layer and can be computed in the same program: ReLU, and dropout after it. */
export interface Epilogue {
  /** Whether negative numbers become 0. */
  readonly relu?: boolean;
  /** Dropout after ReLU: the probability that a number is dropped, and the key that says which are. */
  readonly dropout?: { readonly rate: number; readonly key: Key };
}
