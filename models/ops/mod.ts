/**
 * Operations on tensors: how numbers get to the backend, and the epilogues of layers' products.
 *
 * @module
 */

export * from "./epilogue.ts";
export * from "./to_tensor.ts";
