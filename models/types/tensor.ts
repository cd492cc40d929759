/** An n-dimensional array that lives on the backend. Made and read here; its operations belong to the layers. */
export interface Tensor {
  /** The length of each dimension. */
  readonly shape: number[];
  /** The element type: `"float32"`, `"int32"` or `"bool"`. */
  readonly dtype: string;
  /** Releases the memory. A tensor must not be used afterwards. */
  dispose(): void;
  /** Copies the elements out of the backend, in row-major order. Later calls may give the same array: don't change it. */
  data(): Promise<Float32Array | Int32Array | Uint8Array>;
}

/** A network's parameters: a plain record from PyTorch's name to the tensor. */
export type Params = Readonly<Record<string, Tensor>>;
