/**
 * Layers, and the networks that are built of them.
 *
 * @module
 */

export * from "./conv2d.ts";
export * from "./dropout.ts";
export * from "./flatten.ts";
export * from "./initializers.ts";
export * from "./layer.ts";
export * from "./linear.ts";
export * from "./max_pool2d.ts";
export * from "./network.ts";
export * from "./relu.ts";
export * from "./sequential.ts";
export * from "./shape_error.ts";
export * from "./variable_spec.ts";
