import type { ImageData } from "./image.ts";

/**
 * Images of one shape in one contiguous array, with their labels.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { Batch } from "@rill/rill/pipelines";
 *
 * const accuracy = ({ labels, size }: Batch, predictions: Int32Array): number =>
 *   labels.filter((label, i) => label === predictions[i]).length / size;
 * const batch = {
 *   images: { data: new Uint8Array(2 * 28 * 28), shape: [2, 28, 28, 1] as const },
 *   labels: Int32Array.of(9, 0),
 *   size: 2,
 * };
 * assertEquals(accuracy(batch, Int32Array.of(9, 3)), 0.5);
 * ```
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
