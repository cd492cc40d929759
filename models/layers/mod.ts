/**
 * Layers, and the networks that are built of them.
 *
 * @module
 */

export * from "./activations.ts";
export * from "./batch_norm.ts";
export * from "./containers.ts";
export * from "./conv2d.ts";
export * from "./dropout.ts";
export * from "./flatten.ts";
export * from "./initializers.ts";
export * from "./layer.ts";
export * from "./layer_norm.ts";
export * from "./linear.ts";
export * from "./local_response_norm.ts";
export * from "./network.ts";
export * from "./pooling.ts";
export * from "./sequential.ts";
export * from "./shape_error.ts";
export * from "./variable_spec.ts";
export * from "./views.ts";
