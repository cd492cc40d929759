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
  /**
   * Which part of a larger batch it is, where {@linkcode shardBatches} gives one alone.
   *
   * @default {all of it}
   */
  readonly part?: ShardPlace;
}

/** The place of a part in its batch. */
export interface ShardPlace {
  /** How many items of the batch come before the part. */
  readonly first: number;
  /** How many items the whole batch holds. */
  readonly whole: number;
}

/**
 * A batch whose images are blends of two each, with both labels and their shares. It is no {@linkcode Batch}: what takes one
 * label for each image is not to take the first.
 *
 * An image's loss is that of its labels, in their shares: the sum over `k` of `share[i, k] * loss(logits[i], label[i, k])`. For
 * the cross-entropy this is the loss of the soft label that has each share at its label.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { MixedBatch } from "@rill/rill/pipelines";
 *
 * const softLabels = ({ mixedLabels, shares, size }: MixedBatch, classes: number) => {
 *   const rows = new Float32Array(size * classes);
 *   for (const [at, label] of mixedLabels.data.entries()) {
 *     rows[Math.floor(at / 2) * classes + label]! += shares.data[at]!;
 *   }
 *   return rows;
 * };
 * const batch = {
 *   images: { data: new Uint8Array(28 * 28), shape: [1, 28, 28, 1] as const },
 *   mixedLabels: { data: Int32Array.of(2, 0), shape: [1, 2] as const },
 *   shares: { data: Float32Array.of(0.75, 0.25), shape: [1, 2] as const },
 *   size: 1,
 * };
 * assertEquals(softLabels(batch, 3), Float32Array.of(0.25, 0, 0.75));
 * ```
 *
 * @typeParam D The type of the array.
 */
export interface MixedBatch<D extends ImageData = ImageData> {
  /** The images, one behind the other: their samples and the shape `[size, height, width, channels]`. */
  readonly images: Batch<D>["images"];
  /** The indices of the two classes of each image, that of its own before that of what is mixed into it: `[size, 2]`. */
  readonly mixedLabels: {
    readonly data: Int32Array<ArrayBuffer>;
    readonly shape: readonly [size: number, labels: 2];
  };
  /** The share of each of them, from 0 to 1; an image's two add up to 1. */
  readonly shares: {
    readonly data: Float32Array<ArrayBuffer>;
    readonly shape: readonly [size: number, labels: 2];
  };
  /** How many images the batch holds. */
  readonly size: number;
}

/**
 * The fields of a batch whose labels are probabilities of the classes.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { SoftBatch } from "@rill/rill/pipelines";
 *
 * const findClass = ({ labels: { data, shape: [, classes] } }: SoftBatch, example: number) => {
 *   const row = data.subarray(example * classes, (example + 1) * classes);
 *   return row.indexOf(Math.max(...row));
 * };
 * const labels = { data: Float32Array.of(0.1, 0.9, 0.7, 0.3), shape: [2, 2] as const };
 * assertEquals([0, 1].map((example) => findClass({ labels, size: 2 }, example)), [1, 0]);
 * ```
 */
export interface SoftBatch {
  /** The probability of each class for each example, `[size, classes]`. */
  readonly labels: {
    readonly data: Float32Array<ArrayBuffer>;
    readonly shape: readonly [size: number, classes: number];
  };
  /** How many examples the batch holds. */
  readonly size: number;
}
