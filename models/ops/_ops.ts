// What layers and steps compute with beside the public operations (`mod.ts`), for `import * as ops`: programs that do several
// things at once, and what knows of backends.
export * from "./_batch_norm.ts";
export * from "./_dropout.ts";
export * from "./_base/draws.ts";
export * from "./_base/gradients.ts";
export * from "./_base/host_memory.ts";
export * from "./_base/losses.ts";
export * from "./_products.ts";
export * from "./_shapes.ts";
export * from "./_base/steps.ts";
export * from "./_base/tensors.ts";
export * from "./_updates.ts";
