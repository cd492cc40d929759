/**
 * Crops the middle of images, as evaluation does after resizing.
 *
 * @module
 */

import { checkSize } from "../data/_check_size.ts";
import type { Example } from "../data/example.ts";
import type { ImageData } from "../data/image.ts";
import { stageOf } from "../stage/stage_of.ts";
import { roundHalfEven } from "./_box.ts";
import { withImage } from "./_map_images.ts";
import { cropImage } from "./operations/crop_image.ts";

export { StageError } from "../stage/stage_error.ts";

/** Options of {@linkcode centerCrop}. */
export interface CenterCropOptions {
  /** Rows of the results, at least 1. */
  readonly height: number;
  /** Pixels in a row of the results, at least 1. */
  readonly width: number;
}

/**
 * Crops the middle of the images, as torchvision's `CenterCrop` does: an image that is smaller than the result is
 * surrounded by zeros, and where the middle lies between two pixels, the choice is torchvision's. An example that
 * already has the size is passed on as it is. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { centerCrop, collect, type Example } from "@rill/rill/pipelines";
 *
 * const example: Example = {
 *   image: { data: Uint8Array.of(1, 2, 3, 4, 5), height: 1, width: 5, channels: 1 },
 *   label: 0,
 * };
 * const examples = centerCrop({ height: 1, width: 3 })(ReadableStream.from([example]));
 * assertEquals((await collect(examples))[0]?.image.data, Uint8Array.of(2, 3, 4));
 * ```
 *
 * @param options The size of the results.
 * @returns The stage. An image whose shape does not fit its data fails the stream with a {@linkcode StageError}.
 * @throws {RangeError} When a size is not an integer of at least 1.
 */
export function centerCrop(
  { height, width }: CenterCropOptions,
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Example<D>> {
  checkSize("crop to", { height, width });
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    stageOf({
      name: "crop",
      each: (example: Example<D>) => {
        const { image } = example;
        const top = findMiddle(image.height, height);
        const left = findMiddle(image.width, width);
        return withImage(example, cropImage(image, { top, left, height, width }));
      },
    })(source);
}

/** Finds where the middle part of a line begins; a part that is longer than the line begins before it. */
const findMiddle = (length: number, part: number): number =>
  part > length ? -Math.floor((part - length) / 2) : roundHalfEven((length - part) / 2);
