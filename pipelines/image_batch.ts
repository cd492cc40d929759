import type { ImageData } from "./image.ts";

/**
 * Images of one shape in one contiguous array, with their labels.
 *
 * @typeParam D The type of the array.
 */
export interface Batch<D extends ImageData = ImageData> {
  /** The images, one behind the other: their samples and the shape `[size, height, width, channels]`. */
  readonly images: { readonly data: D; readonly shape: readonly [number, number, number, number] };
  /** The index of each image's class. */
  readonly labels: Int32Array<ArrayBuffer>;
  /** How many images the batch holds. */
  readonly size: number;
}
