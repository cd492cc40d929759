/**
 * Erases random rectangles of images.
 *
 * @module
 */

import { checkNumber, checkRange } from "../../_arguments/check_number.ts";
import { checkImage } from "../../data/_image_data.ts";
import type { ImageRegion } from "../../data/encoded_image.ts";
import type { Example } from "../../data/example.ts";
import type { Image, ImageData } from "../../data/image.ts";
import { type Draws, seedDraws } from "../../random/_draws.ts";
import { makeRandomStage } from "../../random/_random_stage.ts";
import type { RandomOptions } from "../../random/random_options.ts";
import { ATTEMPTS, drawPlace, drawSides, type Range } from "../_box.ts";
import { withImage } from "../_map_images.ts";
import { checkNumbers, copyNumbers, expandFill, fillPixels } from "../operations/_per_channel.ts";

export type { RandomOptions } from "../../random/random_options.ts";
export { StageError } from "../../stage/stage_error.ts";

/** Options of {@linkcode randomErasing}. */
export interface RandomErasingOptions extends RandomOptions {
  /**
   * The probability that a part of an image is erased, from 0 to 1.
   *
   * @default {0.5}
   */
  readonly probability?: number;
  /**
   * The least and the greatest part of an image's area to erase.
   *
   * @default {[0.02, 0.33]}
   */
  readonly scale?: readonly [number, number];
  /**
   * The least and the greatest ratio of the part's height to its width.
   *
   * @default {[0.3, 3.3]}
   */
  readonly ratio?: readonly [number, number];
  /**
   * The new samples: one number, one for each channel, or `"random"` for noise: all bytes with the same probability, or
   * floats of the standard normal distribution.
   *
   * @default {0}
   */
  readonly value?: number | readonly number[] | "random";
}

/**
 * Erases a rectangle of random area, shape and place from images at random, as torchvision's `RandomErasing` does
 * ("Random Erasing Data Augmentation", https://arxiv.org/abs/1708.04896). The area is uniform in its range, the
 * logarithm of the ratio likewise. An image for which ten such rectangles are too large stays as it is. Examples that
 * do not change are passed on as they are. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, randomErasing } from "@rill/rill/pipelines";
 *
 * const example: Example = {
 *   image: { data: new Uint8Array(100).fill(7), height: 10, width: 10, channels: 1 },
 *   label: 0,
 * };
 * const erase = randomErasing({ probability: 1, scale: [0.25, 0.25], ratio: [1, 1], seed: 1 });
 * const [result] = await collect(erase(ReadableStream.from([example])));
 * assertEquals(result?.image.data.filter((sample) => sample === 0).length, 25);
 * ```
 *
 * @param options The probability, the rectangles, the new samples, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that has another number of channels than
 * `value`, is of bytes where `value` is not a byte, or whose shape does not fit its data.
 * @throws {RangeError} When `probability` is not a number from 0 to 1, `scale` is not two such numbers in order,
 * `ratio` is not two numbers above 0 in order, `value` is not finite, or `seed` or `epoch` is not an integer of at
 * least 0.
 */
export function randomErasing(
  {
    probability = 0.5,
    scale: [minScale, maxScale] = [0.02, 0.33],
    ratio: [minRatio, maxRatio] = [0.3, 3.3],
    value = 0,
    ...random
  }: RandomErasingOptions = {},
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Example<D>> {
  checkNumber(`erase with probability ${probability}`, "probability", probability, {
    min: 0,
    max: 1,
  });
  const scale: Range = [minScale, maxScale];
  const ratio: Range = [minRatio, maxRatio];
  checkRange("erase", "scale", scale, { min: 0, max: 1 });
  checkRange("erase", "ratio", ratio, { min: 0, open: true });
  const logRatio: Range = [Math.log(minRatio), Math.log(maxRatio)];
  if (value !== "random") checkNumbers("erase with", "value", value);
  const fill = value === "random" ? value : copyNumbers(value);
  const drawsOf = seedDraws("randomErasing", "erase", random);
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    makeRandomStage(drawsOf, {
      name: "erase",
      each: (example: Example<D>, draws) => {
        const { image } = example;
        checkImage(image);
        const samples = fill === "random" ? fill : expandFill(image, "value", fill);
        if (draws.unit() >= probability) return example;
        const box = drawBox(image, scale, logRatio, draws);
        return box ? withImage(example, erase(image, box, samples, draws)) : example;
      },
    })(source);
}

/** Draws a rectangle that is smaller than the image, or none where that fails. */
function drawBox(
  image: Image,
  scale: Range,
  logRatio: Range,
  draws: Draws,
): ImageRegion | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [height, width] = drawSides(image, scale, logRatio, draws);
    if (height >= image.height || width >= image.width) continue;
    if (height === 0 || width === 0) return undefined;
    return drawPlace(image, height, width, draws);
  }
  return undefined;
}

function erase<D extends ImageData>(
  { data, height, width, channels }: Image<D>,
  box: ImageRegion,
  samples: readonly number[] | "random",
  draws: Draws,
): Image<D> {
  const output = data.slice() as D;
  for (let row = box.top; row < box.top + box.height; row++) {
    const from = (row * width + box.left) * channels;
    const to = from + box.width * channels;
    if (samples !== "random") fillPixels(output, samples, from, to);
    else if (output instanceof Uint8Array) {
      for (let i = from; i < to; i++) output[i] = draws.below(256);
    } else {
      for (let i = from; i < to; i++) output[i] = draws.normal();
    }
  }
  return { data: output, height, width, channels };
}
