/** Operations on tensors. @module */
export * from "./epilogue.ts";
export * from "./to_tensor.ts";
