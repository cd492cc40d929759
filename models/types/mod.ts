/** The types that all of the models share. @module */
export * from "./either.ts";
export * from "./tensor.ts";
