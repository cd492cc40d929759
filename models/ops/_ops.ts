// All operations, for `import * as ops`: layers, losses, optimizers and steps compute with these alone. Their names are
// those of layers as well (`conv2d`, `dropout`), hence the namespace.
export * from "./_arithmetic.ts";
export * from "./_batch_norm.ts";
export * from "./_dropout.ts";
export * from "./_base/gradients.ts";
export * from "./_base/host_memory.ts";
export * from "./_base/losses.ts";
export * from "./_pooling.ts";
export * from "./_products.ts";
export * from "./_shapes.ts";
export * from "./_base/steps.ts";
export * from "./_base/tensors.ts";
export * from "./_updates.ts";
