/**
 * The labels of batches as probabilities of the classes.
 *
 * @module
 */

import { checkInteger } from "../../_arguments/check_integer.ts";
import { checkNumber } from "../../_arguments/check_number.ts";
import type { MixedBatch, SoftBatch } from "../../data/batch.ts";
import { stageOf } from "../../stage/stage_of.ts";

export type { Batch, MixedBatch, SoftBatch } from "../../data/batch.ts";
export { StageError } from "../../stage/stage_error.ts";

/** Options of {@linkcode oneHot}. */
export interface OneHotOptions {
  /** How many classes there are, an integer of at least 1. */
  readonly classes: number;
  /**
   * The share of each example that is spread evenly over all classes, from 0 to 1.
   *
   * @default {0}
   */
  readonly smoothing?: number;
}

/** A batch with one label for each example, as `batch` and `gather` make them. */
export interface LabeledBatch {
  /** The index of each example's class. */
  readonly labels: Int32Array;
  /** How many examples the batch holds. */
  readonly size: number;
}

/** A batch of blends with the labels of each, as `mixup` and `cutMix` make them. */
export type BlendedBatch = Pick<MixedBatch, "mixedLabels" | "shares" | "size">;

/**
 * Writes the labels of batches as the probabilities of all classes, `[size, classes]`: 1 for an example's class and 0 for
 * the others; for blends of {@linkcode mixup} and {@linkcode cutMix} the shares of their labels, added up where these are
 * the same. With `smoothing` each probability `p` becomes `(1 - smoothing) * p + smoothing / classes`, as PyTorch has it. All
 * other fields stay. Holds one batch.
 *
 * It is for losses and displays that take probabilities; `crossEntropy` of the models takes all three kinds of labels.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { batch, collect, type Example, oneHot } from "@rill/rill/pipelines";
 *
 * const examples = [2, 0].map((label): Example => ({
 *   image: { data: new Uint8Array(1), height: 1, width: 1, channels: 1 },
 *   label,
 * }));
 * const soften = oneHot({ classes: 4, smoothing: 0.5 });
 * const [first] = await collect(soften(batch(2)(ReadableStream.from(examples))));
 * assertEquals(first?.labels, {
 *   data: Float32Array.of(0.125, 0.125, 0.625, 0.125, 0.625, 0.125, 0.125, 0.125),
 *   shape: [2, 4],
 * });
 * ```
 *
 * @param options The number of classes, and the smoothing.
 * @returns The stage. It fails with a {@linkcode StageError} at a batch with a label that is not the index of a class, or
 * with another number of labels than its size.
 * @throws {RangeError} When `classes` is not an integer of at least 1, or `smoothing` not a number from 0 to 1.
 */
export function oneHot(
  { classes, smoothing = 0 }: OneHotOptions,
): <B extends LabeledBatch | BlendedBatch>(
  source: AsyncIterable<B>,
) => AsyncIterable<Omit<B, "labels" | "mixedLabels" | "shares"> & SoftBatch> {
  checkInteger(`encode labels of ${classes} classes`, "number", classes, { min: 1 });
  checkNumber(`encode labels with a smoothing of ${smoothing}`, "smoothing", smoothing, {
    min: 0,
    max: 1,
  });
  return <B extends LabeledBatch | BlendedBatch>(source: AsyncIterable<B>) =>
    stageOf({
      name: "encode",
      each: (batch: B) => {
        const { labels, mixedLabels, shares, ...rest } = batch as B & Partial<Labels>;
        const data = mixedLabels && shares
          ? spread(mixedLabels.data, shares.data, batch.size, classes, smoothing)
          : spread(labels, undefined, batch.size, classes, smoothing);
        return { ...rest, labels: { data, shape: [batch.size, classes] as const } };
      },
    })(source);
}

type Labels = LabeledBatch & BlendedBatch;

/** Adds the shares of some labels for each example, which are as many for each, to its row. */
function spread(
  labels: Int32Array | undefined,
  shares: Float32Array | undefined,
  size: number,
  classes: number,
  smoothing: number,
): Float32Array<ArrayBuffer> {
  const parts = shares && size > 0 ? shares.length / size : 1;
  if (!(labels instanceof Int32Array)) {
    throw new TypeError("the batch has no labels that are indices of classes");
  }
  if (labels.length !== parts * size || !Number.isInteger(parts)) {
    throw new RangeError(`the batch of ${size} has ${labels.length} labels`);
  }
  const rows = new Float32Array(size * classes).fill(smoothing / classes);
  for (const [at, label] of labels.entries()) {
    const example = Math.floor(at / parts);
    if (!(label >= 0 && label < classes)) {
      throw new RangeError(
        `the label of example ${example} is ${label}, not an index of ${classes} classes`,
      );
    }
    rows[example * classes + label]! += (1 - smoothing) * (shares ? shares[at]! : 1);
  }
  return rows;
}
