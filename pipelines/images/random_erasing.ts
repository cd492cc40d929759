import { checkNumber, checkRange } from "../_arguments/check_number.ts";
import { type Draws, seedDraws } from "../random/_draws.ts";
import { checkFill, fillOf, fillPixels } from "./_fill.ts";
import { checkImage } from "../data/_image_data.ts";
import { mapItems } from "../stage/_map_items.ts";
import { roundHalfEven } from "./_luma.ts";
import { withImage } from "./_map_images.ts";
import type { Example } from "../data/example.ts";
import type { Image, ImageData } from "../data/image.ts";
import type { RandomOptions } from "../random/random_options.ts";

/** Options of {@linkcode randomErasing}. */
export interface RandomErasingOptions extends RandomOptions {
  /**
   * The chance of an image to lose a part, from 0 to 1.
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
   * What the samples become: one number, one for each channel, or `"random"` for noise: any byte with equal chance, floats
   * of the standard normal distribution.
   *
   * @default {0}
   */
  readonly value?: number | readonly number[] | "random";
}

/**
 * Erases a rectangle of random area, shape and place from images at random, as torchvision's `RandomErasing` does ("Random
 * Erasing Data Augmentation", https://arxiv.org/abs/1708.04896). The area is uniform in its range, the logarithm of the
 * ratio likewise. An image for which ten such rectangles are too large stays whole. Examples without a change are passed on
 * as they are. Holds one example.
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
 * const [{ image }] = await collect(erase(ReadableStream.from([example])));
 * assertEquals(image.data.filter((sample) => sample === 0).length, 25);
 * ```
 *
 * @param options The chance, the rectangles, and what decides.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that has another number of channels than `value`,
 * is of bytes where that is none, or whose shape does not fit its data.
 * @throws {RangeError} When `probability` is not a number from 0 to 1, `scale` not two such numbers in order, `ratio` not
 * two numbers above 0 in order, `value` not finite, or `seed` or `epoch` not an integer of at least 0.
 */
export function randomErasing(
  {
    probability = 0.5,
    scale: [leastScale, greatestScale] = [0.02, 0.33],
    ratio: [leastRatio, greatestRatio] = [0.3, 3.3],
    value = 0,
    ...random
  }: RandomErasingOptions,
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Example<D>> {
  checkNumber(`erase with probability ${probability}`, "probability", probability, {
    min: 0,
    max: 1,
  });
  const scale = [leastScale, greatestScale] as const;
  const ratio = [leastRatio, greatestRatio] as const;
  checkRange("erase", "scale", scale, { min: 0, max: 1 });
  checkRange("erase", "ratio", ratio, { min: 0, open: true });
  if (value !== "random") checkFill("erase", "value", value);
  const fill = typeof value === "object" ? [...value] : value;
  const drawsFor = seedDraws("randomErasing", "erase", random);
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    mapItems("erase", (example: Example<D>, index) => {
      const { image } = example;
      checkImage(image);
      const values = fill === "random" ? fill : fillOf(image, "value", fill);
      const draws = drawsFor(index);
      if (draws.unit() >= probability) return example;
      const box = randomBox(image, scale, ratio, draws);
      return box ? withImage(example, erased(image, box, values, draws)) : example;
    })(source);
}

interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

function randomBox(
  { height, width }: Image,
  scale: readonly [number, number],
  ratio: readonly [number, number],
  draws: Draws,
): Box | undefined {
  const logRatio = [Math.log(ratio[0]), Math.log(ratio[1])] as const;
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = height * width * draws.between(scale);
    const shape = Math.exp(draws.between(logRatio));
    const h = roundHalfEven(Math.sqrt(area * shape));
    const w = roundHalfEven(Math.sqrt(area / shape));
    if (h >= height || w >= width) continue;
    if (h === 0 || w === 0) return;
    const top = draws.below(height - h + 1);
    const left = draws.below(width - w + 1);
    return { top, left, height: h, width: w };
  }
}

function erased<D extends ImageData>(
  { data, height, width, channels }: Image<D>,
  box: Box,
  values: readonly number[] | "random",
  draws: Draws,
): Image<D> {
  const output = data.slice() as D;
  for (let row = box.top; row < box.top + box.height; row++) {
    const from = (row * width + box.left) * channels;
    const to = from + box.width * channels;
    if (values !== "random") fillPixels(output, values, from, to);
    else if (output instanceof Uint8Array) {
      for (let i = from; i < to; i++) output[i] = draws.below(256);
    } else {
      for (let i = from; i < to; i++) output[i] = draws.normal();
    }
  }
  return { data: output, height, width, channels };
}
