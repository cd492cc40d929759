/**
 * The types that all of the models share: tensors, and results that may be errors.
 *
 * @module
 */

export * from "./either.ts";
export * from "./tensor.ts";
