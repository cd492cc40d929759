/**
 * Decodes IDX, the format of MNIST and similar data sets.
 *
 * @module
 */
export * from "./decode_idx.ts";
export * from "./idx_array.ts";
export * from "./idx_error.ts";
