/**
 * A WebGPU device, by the parts that tell it from other things: a `GPUDevice`, for callers whose types have WebGPU's and for
 * those whose haven't.
 */
export interface WebgpuDevice {
  /** Its features. */
  readonly features: { has(name: string): boolean };
  /** Its limits. */
  readonly limits: object;
  /** Its queue. */
  readonly queue: object;
  /** Resolves once it is lost. */
  readonly lost: Promise<unknown>;
}

/** Options of `openBackend`. */
export interface OpenBackendOptions {
  /**
   * The programs that compute. `"rill"`, by default: Rill's own, where there are any. `"direct"`: Rill's, but convolutions without
   * Winograd's tiles, by which large layers on WASM are computed with fewer multiplications and some more rounding. `"stock"`:
   * those of the tensor library, so that Rill's can be compared with them; only what it lacks or gets wrong is still Rill's. They
   * hold for everything in the process until a backend is opened with others.
   */
  readonly kernels?: "rill" | "direct" | "stock" | undefined;
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
  /**
   * Where the program of the WASM backend is, a file of the npm package `@tensorflow/tfjs-backend-wasm`: the address of
   * `tfjs-backend-wasm-simd.wasm`, by whatever name, or that of a folder, with a slash at its end, which holds this file, and
   * `tfjs-backend-wasm.wasm` for engines without SIMD. In a page or a worker it may be relative to that. By default it is looked
   * for in the package in Deno and Node, and in pages and bundles beside the script.
   */
  readonly wasmUrl?: URL | string | undefined;
  /**
   * A `GPUDevice` of one's own for the WebGPU backend, with the limits and features that it has; by default a new one, with all
   * that the adapter has. It stays open when the backend is closed. Its errors that nobody handles are the backend's too, also
   * those of commands that aren't: the backend's `check` throws them.
   */
  readonly device?: WebgpuDevice | undefined;
  /** Ends the opening when it is aborted, with its reason: a page may wait for the program for long. */
  readonly signal?: AbortSignal | undefined;
}
