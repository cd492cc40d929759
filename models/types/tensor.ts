/** The types of a tensor's elements. A comparison gives `"bool"`: bytes that are 0 or 1. */
export type DataType = "float32" | "int32" | "bool";

/** The arrays that the elements of each type are copied to. */
export interface DataOf {
  /** Numbers in single precision. */
  readonly float32: Float32Array;
  /** Integers. */
  readonly int32: Int32Array;
  /** Bytes that are 0 or 1. */
  readonly bool: Uint8Array;
}

/**
 * What a `using` declaration calls at the end of its scope. Nothing where the compiler doesn't know its name, as none does whose
 * `lib` is before `esnext`: it would refuse a declaration that has it.
 */
export type Disposal = SymbolConstructor extends { readonly dispose: infer K extends symbol }
  ? { [P in K]: () => void }
  : Record<never, never>;

/** What an `await using` declaration calls at the end of its scope; nothing where the compiler doesn't know its name. */
export type AsyncDisposal = SymbolConstructor extends
  { readonly asyncDispose: infer K extends symbol } ? { [P in K]: () => Promise<void> }
  : Record<never, never>;

/**
 * An n-dimensional array that lives on the backend, of numbers in single precision unless `D` says otherwise. `toTensor` makes
 * one, and operations compute with it.
 *
 * @typeParam D The type of its elements.
 */
export interface Tensor<D extends DataType = "float32"> extends Disposal {
  /** The length of each dimension. */
  readonly shape: number[];
  /** The type of the elements. */
  readonly dtype: D;
  /** Releases the memory, as does the end of the scope of a `using` declaration. A tensor must not be used afterwards. */
  dispose(): void;
  /**
   * Copies the elements out of the backend, in row-major order.
   *
   * @returns The elements. Later calls may give the same array: don't change it.
   */
  data(): Promise<DataOf[D]>;
}

/** Tensors by their names: a plain record. */
export type Params = Readonly<Record<string, Tensor>>;

/** The numbers of a network, each a plain record from PyTorch's names to tensors. */
export interface Variables {
  /** The parameters, which training changes by their gradients. */
  readonly params: Params;
  /** The buffers, such as running statistics: a training pass gives new ones beside its output, an optimizer never sees them. */
  readonly buffers: Params;
}
