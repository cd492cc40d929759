/** The IDX format of MNIST and its relatives. @module */
export * from "./decode_idx.ts";
export * from "./idx_array.ts";
export * from "./idx_error.ts";
