/**
 * Crops images to random boxes and resizes the crops, as networks for ImageNet are trained.
 *
 * @module
 */

import { checkRange } from "../../_arguments/check_number.ts";
import { checkImage } from "../../data/_image_data.ts";
import type { Example } from "../../data/example.ts";
import type { ImageData } from "../../data/image.ts";
import { seedDraws } from "../../random/_draws.ts";
import { makeRandomStage } from "../../random/_random_stage.ts";
import type { RandomOptions } from "../../random/random_options.ts";
import { drawRegion, type Range } from "../_box.ts";
import { withImage } from "../_map_images.ts";
import { checkResize } from "../_resample/resize_options.ts";
import { cropImage } from "../operations/crop_image.ts";
import { resizeImage, type ResizeMethod } from "../resize.ts";

export type { RandomOptions } from "../../random/random_options.ts";
export type { ResizeMethod } from "../_resample/resize_options.ts";
export { StageError } from "../../stage/stage_error.ts";

/** Options of {@linkcode randomResizedCrop}. */
export interface RandomResizedCropOptions extends RandomOptions {
  /** Rows of the results, at least 1. */
  readonly height: number;
  /** Pixels in a row of the results, at least 1. */
  readonly width: number;
  /**
   * The least and the greatest part of an image's area to crop.
   *
   * @default {[0.08, 1]}
   */
  readonly scale?: readonly [number, number];
  /**
   * The least and the greatest ratio of the crop's width to its height.
   *
   * @default {[3 / 4, 4 / 3]}
   */
  readonly ratio?: readonly [number, number];
  /**
   * The method of resizing the crop.
   *
   * @default {"bilinear"}
   */
  readonly method?: ResizeMethod;
}

/**
 * Crops each image to a random area, shape and place and resizes the crop, as torchvision's `RandomResizedCrop` does
 * and as networks for ImageNet have been trained since Inception (https://arxiv.org/abs/1409.4842). The area is uniform
 * in its range, the logarithm of the ratio likewise. Where ten such boxes are too large for the image, the crop is the
 * largest box in its middle whose ratio is in its range. Holds one example.
 *
 * Of images in files {@linkcode randomRegion} chooses the same boxes before they are decoded, so that no more than them is.
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
 * const [result] = await collect(crop(ReadableStream.from([example])));
 * assertEquals([result?.image.height, result?.image.width], [32, 32]);
 * ```
 *
 * @param options The size of the results, the boxes, the method of resizing, and the seed where it is not the pipeline's.
 * @returns The stage. An image whose shape does not fit its data fails the stream with a {@linkcode StageError}.
 * @throws {RangeError} When a size is not an integer of at least 1, `scale` is not two numbers from 0 to 1 in order,
 * `ratio` is not two numbers above 0 in order, the method is unknown, or `seed` or `epoch` is not an integer of at
 * least 0.
 */
export function randomResizedCrop(
  {
    height,
    width,
    scale: [minScale, maxScale] = [0.08, 1],
    ratio: [minRatio, maxRatio] = [3 / 4, 4 / 3],
    method = "bilinear",
    ...random
  }: RandomResizedCropOptions,
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Example<D>> {
  checkResize({ height, width, method });
  const scale: Range = [minScale, maxScale];
  const ratio: Range = [minRatio, maxRatio];
  checkRange("crop", "scale", scale, { min: 0, max: 1 });
  checkRange("crop", "ratio", ratio, { min: 0, open: true });
  const drawsOf = seedDraws("randomResizedCrop", "crop", random);
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    makeRandomStage(drawsOf, {
      name: "crop",
      each: (example: Example<D>, draws) => {
        const { image } = example;
        checkImage(image);
        const box = drawRegion(image, scale, ratio, draws);
        return withImage(
          example,
          resizeImage(cropImage(image, box), { height, width, method }),
        );
      },
    })(source);
}
