/**
 * Chooses a random region of each image before it is decoded, so that no more than that is.
 *
 * @module
 */

import { checkRange } from "../../_arguments/check_number.ts";
import { readImageHeader } from "../../codecs/read_image_header.ts";
import { checkImage } from "../../data/_image_data.ts";
import type { EncodedImage } from "../../data/encoded_image.ts";
import type { Example } from "../../data/example.ts";
import { seedDraws } from "../../random/_draws.ts";
import { makeRandomStage } from "../../random/_random_stage.ts";
import type { RandomOptions } from "../../random/random_options.ts";
import { drawRegion, type Range } from "../_box.ts";
import { withImage } from "../_map_images.ts";
import { cropImage } from "../operations/crop_image.ts";

export { ImageError, type ImageErrorFacts } from "../../codecs/read_image_header.ts";
export type { EncodedImage, ImageRegion } from "../../data/encoded_image.ts";
export type { RandomOptions } from "../../random/random_options.ts";
export { StageError } from "../../stage/stage_error.ts";

/** Options of {@linkcode randomRegion}. */
export interface RandomRegionOptions extends RandomOptions {
  /**
   * The least and the greatest part of an image's area.
   *
   * @default {[0.08, 1]}
   */
  readonly scale?: readonly [number, number];
  /**
   * The least and the greatest ratio of the region's width to its height.
   *
   * @default {[3 / 4, 4 / 3]}
   */
  readonly ratio?: readonly [number, number];
  /**
   * What is to become of the orientation in a file's EXIF, as {@linkcode decodeImage} is told: the region is one of the image
   * as it is then.
   *
   * @default {"apply"}
   */
  readonly orientation?: "apply" | "ignore";
}

/**
 * Chooses a random region of each image: what {@linkcode randomResizedCrop} crops, with the same draws in the same place of a
 * pipeline. A file gets it as its `region`, and {@linkcode decodeImage} then decodes no more than that; an image that is
 * decoded already is cropped. So `randomRegion()`, `decodeImage()` and `resize(size)` give the bytes of `decodeImage()` and
 * `randomResizedCrop(size)`, sooner. Holds one item.
 *
 * @example Usage
 * ```ts
 * import { flow } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, type EncodedImage, encodePng, randomRegion, resize } from "@rill/rill/pipelines";
 * import { decodeImage } from "@rill/rill/pipelines/decode-image";
 *
 * const image = { data: new Uint8Array(60 * 80 * 3), height: 60, width: 80, channels: 3 };
 * const files: EncodedImage[] = [{ bytes: await encodePng(image), label: 0 }];
 * const prepare = flow(
 *   randomRegion({ seed: 1, epoch: 0 })<EncodedImage>,
 *   decodeImage({ channels: 3 }),
 *   resize({ height: 32, width: 32 }),
 * );
 * const [result] = await collect(prepare(ReadableStream.from(files)));
 * assertEquals([result?.image.height, result?.image.width], [32, 32]);
 * ```
 *
 * @param options The regions, the orientation, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at a file whose header can't be read, and at an image whose shape
 * does not fit its data.
 * @throws {RangeError} When `scale` is not two numbers from 0 to 1 in order, `ratio` is not two numbers above 0 in order,
 * `orientation` is neither `apply` nor `ignore`, or `seed` or `epoch` is not an integer of at least 0.
 */
export function randomRegion(
  {
    scale: [minScale, maxScale] = [0.08, 1],
    ratio: [minRatio, maxRatio] = [3 / 4, 4 / 3],
    orientation = "apply",
    ...random
  }: RandomRegionOptions = {},
): <I extends EncodedImage | Example>(source: AsyncIterable<I>) => AsyncIterable<I> {
  const scale: Range = [minScale, maxScale];
  const ratio: Range = [minRatio, maxRatio];
  checkRange("crop", "scale", scale, { min: 0, max: 1 });
  checkRange("crop", "ratio", ratio, { min: 0, open: true });
  if (orientation !== "apply" && orientation !== "ignore") {
    throw new RangeError(
      `Cannot crop with orientation ${orientation}: it must be "apply" or "ignore"`,
    );
  }
  const drawsOf = seedDraws("randomResizedCrop", "crop", random);
  return <I extends EncodedImage | Example>(source: AsyncIterable<I>) =>
    makeRandomStage(drawsOf, {
      name: "crop",
      each: (item: EncodedImage | Example, draws) => {
        if ("image" in item) {
          checkImage(item.image);
          return withImage(
            item,
            cropImage(item.image, drawRegion(item.image, scale, ratio, draws)),
          );
        }
        const header = readImageHeader(item.bytes, { source: item.path });
        const isTurned = orientation === "apply" && header.orientation >= 5;
        const { height, width } = header;
        const size = isTurned ? { height: width, width: height } : { height, width };
        return { ...item, region: drawRegion(size, scale, ratio, draws) };
      },
    })(source as AsyncIterable<EncodedImage | Example>) as AsyncIterable<I>;
}
