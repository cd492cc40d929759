import { checkRange } from "../_arguments/check_number.ts";
import { checkResize } from "./_resample/resize_options.ts";
import { type Draws, seedDraws } from "../random/_draws.ts";
import { checkImage } from "../data/_image_data.ts";
import { mapItems } from "../stage/_map_items.ts";
import { roundHalfEven } from "./_luma.ts";
import { withImage } from "./_map_images.ts";
import { cropImage, type CropImageOptions } from "./crop_image.ts";
import type { Example } from "../data/example.ts";
import type { ImageData } from "../data/image.ts";
import type { RandomOptions } from "../random/random_options.ts";
import { resizeImage, type ResizeMethod } from "./resize.ts";

/** Options of {@linkcode randomResizedCrop}. */
export interface RandomResizedCropOptions extends RandomOptions {
  /** Rows of the results, at least 1. */
  readonly height: number;
  /** Pixels in a row of the results, at least 1. */
  readonly width: number;
  /**
   * The least and the greatest part of an image's area to cut out.
   *
   * @default {[0.08, 1]}
   */
  readonly scale?: readonly [number, number];
  /**
   * The least and the greatest ratio of the cut's width to its height.
   *
   * @default {[3 / 4, 4 / 3]}
   */
  readonly ratio?: readonly [number, number];
  /**
   * How the cut is resized.
   *
   * @default {"bilinear"}
   */
  readonly method?: ResizeMethod;
}

/**
 * Cuts a part of random area, shape and place out of each image and resizes it, as torchvision's `RandomResizedCrop` does
 * and as networks for ImageNet are trained since Inception (https://arxiv.org/abs/1409.4842). The area is uniform in its
 * range, the logarithm of the ratio likewise. Where ten such boxes are too large for the image, the largest one in its
 * middle is taken whose ratio is in its range. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, randomResizedCrop } from "@rill/rill/pipelines";
 *
 * const example: Example = {
 *   image: { data: new Uint8Array(60 * 80 * 3), height: 60, width: 80, channels: 3 },
 *   label: 0,
 * };
 * const crop = randomResizedCrop({ height: 32, width: 32, seed: 1, epoch: 0 });
 * const [{ image }] = await collect(crop(ReadableStream.from([example])));
 * assertEquals([image.height, image.width, image.channels], [32, 32, 3]);
 * ```
 *
 * @param options The size of the results, and what decides the boxes.
 * @returns The stage. An image whose shape does not fit its data fails the stream with a {@linkcode StageError}.
 * @throws {RangeError} When a size is not an integer of at least 1, `scale` is not two numbers from 0 to 1 in order,
 * `ratio` not two numbers above 0 in order, there is no such method, or `seed` or `epoch` is not an integer of at
 * least 0.
 */
export function randomResizedCrop(
  {
    height,
    width,
    scale: [leastScale, greatestScale] = [0.08, 1],
    ratio: [leastRatio, greatestRatio] = [3 / 4, 4 / 3],
    method = "bilinear",
    ...random
  }: RandomResizedCropOptions,
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Example<D>> {
  checkResize({ height, width, method });
  const scale = [leastScale, greatestScale] as const;
  const ratio = [leastRatio, greatestRatio] as const;
  checkRange("crop", "scale", scale, { min: 0, max: 1 });
  checkRange("crop", "ratio", ratio, { min: 0, open: true });
  const drawsFor = seedDraws("randomResizedCrop", "crop", random);
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    mapItems("crop", (example: Example<D>, index) => {
      const { image } = example;
      checkImage(image);
      const box = randomBox(image, scale, ratio, drawsFor(index));
      return withImage(
        example,
        resizeImage(cropImage(image, box), { height, width, method }),
      );
    })(source);
}

function randomBox(
  { height, width }: { readonly height: number; readonly width: number },
  scale: readonly [number, number],
  ratio: readonly [number, number],
  draws: Draws,
): CropImageOptions {
  const logRatio = [Math.log(ratio[0]), Math.log(ratio[1])] as const;
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = height * width * draws.between(scale);
    const shape = Math.exp(draws.between(logRatio));
    const w = roundHalfEven(Math.sqrt(area * shape));
    const h = roundHalfEven(Math.sqrt(area / shape));
    if (w === 0 || w > width || h === 0 || h > height) continue;
    const top = draws.below(height - h + 1);
    const left = draws.below(width - w + 1);
    return { top, left, height: h, width: w };
  }
  return middleBox(height, width, ratio);
}

/** The largest box in the middle whose ratio is in its range. */
function middleBox(
  height: number,
  width: number,
  [leastRatio, greatestRatio]: readonly [number, number],
): CropImageOptions {
  const shape = width / height;
  // A ratio far from the image's may leave less than half a pixel.
  const h = shape < leastRatio ? Math.max(roundHalfEven(width / leastRatio), 1) : height;
  const w = shape > greatestRatio ? Math.max(roundHalfEven(height * greatestRatio), 1) : width;
  return {
    top: Math.floor((height - h) / 2),
    left: Math.floor((width - w) / 2),
    height: h,
    width: w,
  };
}
