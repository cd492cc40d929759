/**
 * An n-dimensional array that lives on the backend. `toTensor` makes one, and the operations of layers, losses and optimizers
 * compute with it.
 */
export interface Tensor {
  /** The length of each dimension. */
  readonly shape: number[];
  /** The element type: `"float32"`, `"int32"` or `"bool"`. */
  readonly dtype: string;
  /** Releases the memory. A tensor must not be used afterwards. */
  dispose(): void;
  /**
   * Copies the elements out of the backend, in row-major order.
   *
   * @returns The elements. Later calls may give the same array: don't change it.
   */
  data(): Promise<Float32Array | Int32Array | Uint8Array>;
}

/** The parameters of a network: a plain record from PyTorch's names to tensors. */
export type Params = Readonly<Record<string, Tensor>>;
