/** Options of `openBackend`. */
export interface OpenBackendOptions {
  /**
   * The programs that compute. `"rill"`, by default: Rill's own, where there are any. `"stock"`: those of the tensor library, so
   * that Rill's can be compared with them; only what it lacks or gets wrong is still Rill's. They hold for everything in the
   * process until a backend is opened with others.
   */
  readonly kernels?: "rill" | "stock" | undefined;
  /**
   * The precision of products. `"float32"`, by default: everything is. `"mixed"`: products round their operands to half
   * precision and sum in float32, parameters stay float32, and the loss is scaled while training, so that small gradients are
   * not rounded to nothing. Only WebGPU has it, where the adapter has the feature `shader-f16`, and only with Rill's kernels.
   */
  readonly precision?: "float32" | "mixed" | undefined;
  /**
   * The fastest programs for this machine's adapters, as the plain JSON value that Rill's task `tune` writes; only WebGPU
   * reads it. A value that cannot be used is ignored as a whole, and the backend's `tuning` says why.
   */
  readonly tuning?: unknown;
}
