import type { ImageData } from "./image.ts";

/** Images of one shape in one contiguous array, with their labels. */
export interface Batch<D extends ImageData = ImageData> {
  /** The images, one behind the other, `shape` in row-major order. */
  readonly images: { readonly data: D; readonly shape: readonly [number, number, number, number] };
  /** The classes' indices, one for each image. */
  readonly labels: Int32Array<ArrayBuffer>;
  /** How many images the batch holds. */
  readonly size: number;
}
