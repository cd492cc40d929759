/** What `openBackend` can be told besides which backend. */
export interface OpenBackendOptions {
  /**
   * Whose programs compute. `"rill"`, by default: Rill's own, where it has them. `"stock"`: those of the tensor library, so
   * that Rill's can be compared with them; only what it lacks or gets wrong is still Rill's. They hold for everything in the
   * process until a backend is opened with others.
   */
  readonly kernels?: "rill" | "stock";
  /**
   * `"float32"`, by default: everything is. `"mixed"`: products round their operands to half precision and sum in float32,
   * parameters stay float32, and the loss is scaled while training, so that small gradients are not rounded to nothing. Only
   * WebGPU has it, where the adapter has the feature `shader-f16`, and only with Rill's kernels.
   */
  readonly precision?: "float32" | "mixed";
  /**
   * What `deno task tune` found for this machine's adapters, as the plain JSON value that it wrote; only WebGPU reads it.
   * Of what cannot be used nothing is used, and the backend's `tuning` says why.
   */
  readonly tuning?: unknown;
}
