/** The typed arrays that items may be made of. */
export type TypedArray =
  | Uint8Array<ArrayBuffer>
  | Uint8ClampedArray<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/**
 * Makes the array that a stage writes an item to: one of the type of `like`, with any content.
 *
 * Whoever pulls the item gives the function, where it would copy or drop the item at once: so {@linkcode batch} has images
 * written to their place in it. A stage calls it at most once an item, and not where it passes an item on as it is.
 */
export type Allocate = <A extends TypedArray>(like: A, length: number) => A;
