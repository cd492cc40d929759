/**
 * Input from stored images, resized and normalized by the backend.
 *
 * @module
 */

import * as ops from "../ops/_ops.ts";
import { formatShape, isImageShape } from "../types/_shape.ts";
import type { BatchInput } from "./training_batch.ts";

export type { BatchInput } from "./training_batch.ts";

/** Options of {@linkcode imageInput}. */
export interface ImageInputOptions {
  /**
   * The factor of each byte.
   *
   * @default {1 / 255}
   */
  readonly scale?: number;
  /**
   * The number that is subtracted then: one, or one for each channel.
   *
   * @default {0}
   */
  readonly mean?: number | readonly number[];
  /**
   * The number that is divided by then: one, or one for each channel.
   *
   * @default {1}
   */
  readonly std?: number | readonly number[];
}

/**
 * Makes the backend turn stored images into a network's input: bytes of any height and width, resized bilinearly to the
 * network's exactly as Pillow does, then `(byte * scale - mean) / std`. On WebGPU one program does it, so that a
 * batch travels as bytes: 100 kB for 128 images of 28 × 28, where the floats it makes at 224 × 224 are 25.7 MB.
 *
 * The numbers are those of the stages `resize` and `normalize` in `@rill/rill/pipelines`, to the bit.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * await using _backend = await rill.openBackend("wasm");
 * const network = rill.getOrThrow(rill.build(rill.flatten(), [1, 4, 1]));
 * const predict = rill.predictStep(network, { input: rill.imageInput({ scale: 1 }) });
 * const images = { data: Uint8Array.of(0, 100), shape: [1, 1, 2, 1] };
 * const { data } = await predict({ params: {}, buffers: {} }, { images, size: 1 });
 * assertEquals(data, Float32Array.of(0, 25, 75, 100));
 * ```
 *
 * @param options The numbers of the formula.
 * @returns The input for `trainStep` and `evalStep`. It throws a `RangeError` for images that aren't bytes of
 * `[size, height, width, channels]` with the channels of the network and of the options.
 * @throws {RangeError} If a number is not finite, a std is not above 0, or an array is empty.
 */
export function imageInput(
  { scale = 1 / 255, mean = 0, std = 1 }: ImageInputOptions = {},
): BatchInput {
  const means = [mean].flat();
  const stds = [std].flat();
  check("scale", [scale]);
  check("mean", means);
  check("std", stds, 0);
  return ({ images: { data, shape } }, inputShape) => {
    const [size, ...imageShape] = shape;
    const refuse = (why: string): never => {
      throw new RangeError(
        `Cannot make a network's input of ${formatShape(inputShape)} from a batch of ${
          formatShape(shape)
        }: ${why}`,
      );
    };
    if (!(data instanceof Uint8Array)) return refuse("its numbers aren't bytes");
    if (!size || !isImageShape(imageShape) || !isImageShape(inputShape) || shape.includes(0)) {
      return refuse("both must be of height, width and channels");
    }
    const [height, width, channels] = imageShape;
    const [inputHeight, inputWidth, inputChannels] = inputShape;
    if (channels !== inputChannels) return refuse("the channels differ");
    for (const [name, { length }] of [["mean", means], ["std", stds]] as const) {
      if (length > 1 && length !== channels) {
        return refuse(`there are ${length} numbers for the ${name}`);
      }
    }
    return ops.createImageInput({
      data,
      images: [size, height, width, channels],
      to: [inputHeight, inputWidth],
      scale,
      means,
      stds,
    });
  };
}

function check(name: string, numbers: readonly number[], above = -Infinity): void {
  if (numbers.length > 0 && numbers.every((x) => Number.isFinite(x) && x > above)) return;
  throw new RangeError(
    `Cannot normalize by the ${name} [${numbers.join(", ")}]: it must be finite` +
      (above === 0 ? " and above 0" : ""),
  );
}
