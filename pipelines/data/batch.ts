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

/**
 * A batch whose images are blends of two each, with both labels and the first one's share.
 *
 * An image's loss is that of its two labels, in the same shares: `weights[i] * loss(logits[i], labels[i]) + (1 -
 * weights[i]) * loss(logits[i], mixedLabels[i])`. For the cross-entropy this is the loss of the soft label that has
 * `weights[i]` at `labels[i]` and the rest at `mixedLabels[i]`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { MixedBatch } from "@rill/rill/pipelines";
 *
 * const softLabels = ({ labels, mixedLabels, weights, size }: MixedBatch, classes: number) => {
 *   const rows = new Float32Array(size * classes);
 *   for (let i = 0; i < size; i++) {
 *     rows[i * classes + labels[i]!]! += weights[i]!;
 *     rows[i * classes + mixedLabels[i]!]! += 1 - weights[i]!;
 *   }
 *   return rows;
 * };
 * const batch = {
 *   images: { data: new Uint8Array(28 * 28), shape: [1, 28, 28, 1] as const },
 *   labels: Int32Array.of(2),
 *   mixedLabels: Int32Array.of(0),
 *   weights: Float32Array.of(0.75),
 *   size: 1,
 * };
 * assertEquals(softLabels(batch, 3), Float32Array.of(0.25, 0, 0.75));
 * ```
 *
 * @typeParam D The type of the array.
 */
export interface MixedBatch<D extends ImageData = ImageData> extends Batch<D> {
  /** The index of the class of what is mixed into each image. */
  readonly mixedLabels: Int32Array<ArrayBuffer>;
  /** The share of each image's own label, from 0 to 1. */
  readonly weights: Float32Array<ArrayBuffer>;
}
