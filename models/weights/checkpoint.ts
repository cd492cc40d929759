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

/**
 * Which tensors of a file are wanted: a function of a tensor's name, or a list of names. In a list a module's name stands for
 * all that is in the module: `"layer4"` for `layer4.0.conv1.weight`, but not for `layer40.weight`.
 */
export type TensorSelection = readonly string[] | ((name: string) => boolean);
