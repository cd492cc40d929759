/**
 * Mixup: each image of a batch blended with another.
 *
 * @module
 */

import { checkNumber } from "../../_arguments/check_number.ts";
import { checkBatch, checkWhole } from "../../data/_image_data.ts";
import type { Batch, MixedBatch } from "../../data/batch.ts";
import type { ImageData } from "../../data/image.ts";
import { type Draws, seedDraws } from "../../random/_draws.ts";
import { indexPermutation } from "../../random/index_permutation.ts";
import { makeRandomStage } from "../../random/_random_stage.ts";
import type { RandomOptions } from "../../random/random_options.ts";
import { newArray } from "../../stage/_arrays.ts";

export type { RandomOptions } from "../../random/random_options.ts";
export type { Batch, MixedBatch } from "../../data/batch.ts";
export { StageError } from "../../stage/stage_error.ts";

/** Options of {@linkcode mixup}. */
export interface MixupOptions extends RandomOptions {
  /**
   * Both parameters of the beta distribution that the shares are drawn from, from 0.001 to 1000: near 0, most images
   * hardly change; at 1 all shares are equally likely; far above, most are near one half.
   */
  readonly alpha: number;
}

/**
 * Blends each image of a batch with another one of the batch ("mixup: Beyond Empirical Risk Minimization",
 * https://arxiv.org/abs/1710.09412). The partners are a random permutation of the batch, in which an image can be
 * its own partner; the shares are drawn image by image. Holds one batch.
 *
 * A share is a multiple of 2^-16, and blended bytes are rounded to the nearest.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { batch, collect, type Example, mixup } from "@rill/rill/pipelines";
 *
 * const examples = [0, 1, 2].map((label): Example => ({
 *   image: { data: Uint8Array.of(100 * label), height: 1, width: 1, channels: 1 },
 *   label,
 * }));
 * const mix = mixup({ alpha: 0.2, seed: 1, epoch: 0 });
 * for await (
 *   const { images, mixedLabels, shares } of mix(batch(3)(ReadableStream.from(examples)))
 * ) {
 *   const parts = shares.data.map((share, i) => 100 * mixedLabels.data[i]! * share);
 *   images.data.forEach((sample, i) =>
 *     assertEquals(sample, Math.round(parts[2 * i]! + parts[2 * i + 1]!))
 *   );
 * }
 * ```
 *
 * @param options The distribution of the shares, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at a batch whose size is not that of its images or labels.
 * @throws {RangeError} When `alpha` is not a number from 0.001 to 1000, or `seed` or `epoch` is not an integer of at
 * least 0.
 */
export function mixup(
  { alpha, ...random }: MixupOptions,
): <D extends ImageData>(source: AsyncIterable<Batch<D>>) => AsyncIterable<MixedBatch<D>> {
  checkNumber(`mix with an alpha of ${alpha}`, "alpha", alpha, { min: 0.001, max: 1000 });
  const drawsOf = seedDraws("mixup", "mix", random);
  return <D extends ImageData>(source: AsyncIterable<Batch<D>>) =>
    makeRandomStage(drawsOf, {
      name: "mix",
      each: (batch: Batch<D>, draws) => {
        checkBatch(batch);
        checkWhole(batch);
        return mixBatch(batch, alpha, draws);
      },
    })(source);
}

/** A share of 1, as shares are integers of 16 bits: a product with a byte fits in 32, with the same bits everywhere. */
const ONE = 2 ** 16;

function mixBatch<D extends ImageData>(
  { images, labels, size }: Batch<D>,
  alpha: number,
  draws: Draws,
): MixedBatch<D> {
  const { data, shape } = images;
  const length = data.length / size;
  const findPartner = indexPermutation(size, { seed: draws.bits() >>> 0 });
  const output = newArray(data, data.length);
  const mixedLabels = new Int32Array(2 * size);
  const shares = new Float32Array(2 * size);
  for (let i = 0; i < size; i++) {
    const partner = findPartner(i);
    const share = Math.round(draws.beta(alpha) * ONE);
    mixedLabels.set([labels[i]!, labels[partner]!], 2 * i);
    shares.set([share / ONE, 1 - share / ONE], 2 * i);
    blend(data, i * length, partner * length, length, share, output);
  }
  return {
    images: { data: output, shape },
    mixedLabels: { data: mixedLabels, shape: [size, 2] },
    shares: { data: shares, shape: [size, 2] },
    size,
  };
}

/** Blends `length` samples from `own` on with those from `other` on, which get the rest of the share. */
function blend(
  data: ImageData,
  own: number,
  other: number,
  length: number,
  share: number,
  output: ImageData,
): void {
  if (own === other || share === ONE) {
    output.set(data.subarray(own, own + length), own);
  } else if (data instanceof Uint8Array) {
    const rest = ONE - share;
    for (let i = 0; i < length; i++) {
      output[own + i] = Math.imul(data[own + i]!, share) + Math.imul(data[other + i]!, rest) +
          ONE / 2 >> 16;
    }
  } else {
    const weight = share / ONE;
    for (let i = 0; i < length; i++) {
      output[own + i] = data[own + i]! * weight + data[other + i]! * (1 - weight);
    }
  }
}
