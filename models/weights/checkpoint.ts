/** The contents of a checkpoint file. */
export interface Checkpoint {
  /** Each tensor by its name. */
  readonly tensors: Record<string, StoredTensor>;
  /** Free text by name: the facts of the tensors besides their numbers. */
  readonly metadata: Record<string, string>;
}

/** A tensor at rest: PyTorch's layout, row-major. */
export interface StoredTensor {
  /** The length of each dimension. */
  readonly shape: readonly number[];
  /** The elements. */
  readonly data: Float32Array<ArrayBuffer>;
}
