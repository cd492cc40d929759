/**
 * CutMix: a rectangle of each image of a batch taken from another.
 *
 * @module
 */

import { checkNumber } from "../../_arguments/check_number.ts";
import { checkBatch, checkWhole } from "../../data/_image_data.ts";
import type { Batch, MixedBatch } from "../../data/batch.ts";
import type { ImageData } from "../../data/image.ts";
import { type Draws, seedDraws } from "../../random/_draws.ts";
import { makeRandomStage } from "../../random/_random_stage.ts";
import { indexPermutation } from "../../random/index_permutation.ts";
import type { RandomOptions } from "../../random/random_options.ts";
import type { ImageRegion } from "../../data/encoded_image.ts";
import { findCutBox } from "./_cut_box.ts";

export type { RandomOptions } from "../../random/random_options.ts";
export type { Batch, MixedBatch } from "../../data/batch.ts";
export { StageError } from "../../stage/stage_error.ts";

/** Options of {@linkcode cutMix}. */
export interface CutMixOptions extends RandomOptions {
  /**
   * Both parameters of the beta distribution that the shares are drawn from, from 0.001 to 1000: near 0, most images
   * change hardly or wholly; at 1 all shares are equally likely; far above, most are near one half.
   *
   * @default {1}
   */
  readonly alpha?: number;
}

/**
 * Replaces a rectangle of each image of a batch by the same of another one of the batch ("CutMix: Regularization Strategy to
 * Train Strong Classifiers with Localizable Features", https://arxiv.org/abs/1905.04899). The share that an image is to keep is
 * drawn, and the middle of the rectangle, which is cut where it reaches beyond the image, as in torchvision's `CutMix`; the
 * shares that the batch has are those of the areas then.
 *
 * As with {@linkcode mixup}, the partners are a random permutation of the batch, in which an image can be its own partner, and
 * the rectangles are drawn image by image; torchvision has one rectangle for all, and as its partner the image before.
 * Holds one batch.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { batch, collect, cutMix, type Example } from "@rill/rill/pipelines";
 *
 * const examples = [0, 1, 2].map((label): Example => ({
 *   image: { data: new Uint8Array(64).fill(label), height: 8, width: 8, channels: 1 },
 *   label,
 * }));
 * const cut = cutMix({ seed: 1, epoch: 0 });
 * for await (
 *   const { images, mixedLabels, shares } of cut(batch(3)(ReadableStream.from(examples)))
 * ) {
 *   for (const [i, { label }] of examples.entries()) {
 *     const own = images.data.subarray(64 * i, 64 * i + 64).filter((sample) => sample === label);
 *     const isOwn = mixedLabels.data[2 * i + 1] === label;
 *     assertEquals(own.length / 64, isOwn ? 1 : shares.data[2 * i]);
 *   }
 * }
 * ```
 *
 * @param options The distribution of the shares, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at a batch whose size is not that of its images or labels.
 * @throws {RangeError} When `alpha` is not a number from 0.001 to 1000, or `seed` or `epoch` is not an integer of at
 * least 0.
 */
export function cutMix(
  { alpha = 1, ...random }: CutMixOptions = {},
): <D extends ImageData>(source: AsyncIterable<Batch<D>>) => AsyncIterable<MixedBatch<D>> {
  checkNumber(`cut with an alpha of ${alpha}`, "alpha", alpha, { min: 0.001, max: 1000 });
  const drawsOf = seedDraws("cutMix", "cut", random);
  return <D extends ImageData>(source: AsyncIterable<Batch<D>>) =>
    makeRandomStage(drawsOf, {
      name: "cut",
      each: (batch: Batch<D>, draws) => {
        checkBatch(batch);
        checkWhole(batch);
        return cutBatch(batch, alpha, draws);
      },
    })(source);
}

function cutBatch<D extends ImageData>(
  { images: { data, shape }, labels, size }: Batch<D>,
  alpha: number,
  draws: Draws,
): MixedBatch<D> {
  const [, height, width, channels] = shape;
  const length = height * width * channels;
  const findPartner = indexPermutation(size, { seed: draws.bits() >>> 0 });
  const output = data.slice() as D;
  const mixedLabels = new Int32Array(2 * size);
  const shares = new Float32Array(2 * size);
  for (let i = 0; i < size; i++) {
    const partner = findPartner(i);
    const box = findCutBox({ height, width }, {
      share: draws.beta(alpha),
      row: draws.below(height),
      column: draws.below(width),
    });
    if (partner !== i) copyBox(data, partner * length, box, shape, output, i * length);
    mixedLabels.set([labels[i]!, labels[partner]!], 2 * i);
    shares.set(splitArea(box.height * box.width, height * width), 2 * i);
  }
  return {
    images: { data: output, shape },
    mixedLabels: { data: mixedLabels, shape: [size, 2] },
    shares: { data: shares, shape: [size, 2] },
    size,
  };
}

/** Gives the share outside of a box and that inside, as floats that add up to 1. */
function splitArea(inside: number, all: number): readonly [number, number] {
  // The difference of 1 and a float from 0.5 to 1 is a float as well.
  const isLess = 2 * inside <= all;
  const larger = Math.fround((isLess ? all - inside : inside) / all);
  return isLess ? [larger, 1 - larger] : [1 - larger, larger];
}

/** Copies a box of one image, which begins at `from`, to the same place of another. */
function copyBox<D extends ImageData>(
  data: D,
  from: number,
  { top, left, height, width }: ImageRegion,
  [, , columns, channels]: Batch["images"]["shape"],
  output: D,
  to: number,
): void {
  for (let row = top; row < top + height; row++) {
    const start = (row * columns + left) * channels;
    const end = start + width * channels;
    output.set(data.subarray(from + start, from + end), to + start);
  }
}
