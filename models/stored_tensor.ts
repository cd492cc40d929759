/** A tensor at rest: PyTorch's layout, row-major. */
export interface StoredTensor {
  /** The length of each dimension. */
  readonly shape: readonly number[];
  /** The elements. */
  readonly data: Float32Array<ArrayBuffer>;
}
