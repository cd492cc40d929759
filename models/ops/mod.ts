/**
 * Operations on tensors: how numbers get to the backend, and what may follow a layer's product.
 *
 * @module
 */

export * from "./epilogue.ts";
export * from "./to_tensor.ts";
