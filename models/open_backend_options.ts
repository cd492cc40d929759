/** The settings of `openBackend`. */
export interface OpenBackendOptions {
  /**
   * Whose programs compute. `"rill"`, by default: Rill's own, where it has them. `"stock"`: those of the tensor library, so
   * that Rill's can be compared with them; only what it lacks or gets wrong is still Rill's. They hold for everything in the
   * process until a backend is opened with others.
   */
  readonly kernels?: "rill" | "stock";
}
