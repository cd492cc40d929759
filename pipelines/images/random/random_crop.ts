/**
 * Crops images at random places, with padding around them where that is asked for.
 *
 * @module
 */

import { checkInteger } from "../../_arguments/check_integer.ts";
import { checkSize } from "../../data/_check_size.ts";
import type { Example } from "../../data/example.ts";
import type { ImageData } from "../../data/image.ts";
import { seedDraws } from "../../random/_draws.ts";
import { makeRandomStage } from "../../random/_random_stage.ts";
import type { RandomOptions } from "../../random/random_options.ts";
import { withImage } from "../_map_images.ts";
import { checkNumbers, copyNumbers } from "../operations/_per_channel.ts";
import { cropImage } from "../operations/crop_image.ts";

export type { RandomOptions } from "../../random/random_options.ts";
export { StageError } from "../../stage/stage_error.ts";

/** Options of {@linkcode randomCrop}. */
export interface RandomCropOptions extends RandomOptions {
  /** Rows of the results, at least 1. */
  readonly height: number;
  /** Pixels in a row of the results, at least 1. */
  readonly width: number;
  /**
   * How many pixels are first added on each side of an image.
   *
   * @default {0}
   */
  readonly padding?: number;
  /**
   * The samples of the padding: one number, or one for each channel.
   *
   * @default {0}
   */
  readonly fill?: number | readonly number[];
}

/**
 * Crops each image at a random place, all places being equally likely, as torchvision's `RandomCrop` does.
 * An example that this doesn't change is passed on as it is. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, randomCrop } from "@rill/rill/pipelines";
 *
 * const example: Example = {
 *   image: { data: new Uint8Array(32 * 32 * 3), height: 32, width: 32, channels: 3 },
 *   label: 0,
 * };
 * const crop = randomCrop({ height: 32, width: 32, padding: 4, seed: 1, epoch: 0 });
 * const [result] = await collect(crop(ReadableStream.from([example])));
 * assertEquals([result?.image.height, result?.image.width], [32, 32]);
 * ```
 *
 * @param options The size of the results, the padding, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that is smaller than the result, padding
 * included, has another number of channels than `fill`, or whose shape does not fit its data.
 * @throws {RangeError} When a size is not an integer of at least 1, `padding`, `seed` or `epoch` is not an integer
 * of at least 0, or `fill` is not finite.
 */
export function randomCrop(
  { height, width, padding = 0, fill = 0, ...random }: RandomCropOptions,
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Example<D>> {
  checkSize("crop to", { height, width });
  checkInteger(`crop with a padding of ${padding}`, "padding", padding);
  checkNumbers("crop with", "fill", fill);
  const samples = copyNumbers(fill);
  const drawsOf = seedDraws("randomCrop", "crop", random);
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    makeRandomStage(drawsOf, {
      name: "crop",
      each: (example: Example<D>, draws) => {
        const { image } = example;
        const rows = image.height + 2 * padding;
        const columns = image.width + 2 * padding;
        if (rows < height || columns < width) {
          const padded = padding > 0 ? "with its padding " : "";
          throw new RangeError(
            `the image is ${padded}${rows} × ${columns}, smaller than the crop of ${height} × ${width}`,
          );
        }
        const top = draws.below(rows - height + 1) - padding;
        const left = draws.below(columns - width + 1) - padding;
        return withImage(example, cropImage(image, { top, left, height, width, fill: samples }));
      },
    })(source);
}
