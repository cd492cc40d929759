/**
 * Rotates images by random angles.
 *
 * @module
 */

import type { Example } from "../../data/example.ts";
import type { ImageData } from "../../data/image.ts";
import { seedDraws } from "../../random/_draws.ts";
import { makeRandomStage } from "../../random/_random_stage.ts";
import type { RandomOptions } from "../../random/random_options.ts";
import { withImage } from "../_map_images.ts";
import { copyNumbers, expandFill } from "../operations/_per_channel.ts";
import {
  checkPoint,
  checkWarp,
  type Point,
  type WarpMethod,
  type WarpOptions,
} from "../operations/_warp_options.ts";
import { rotateImage } from "../operations/affine.ts";
import { toAngles } from "./_warp_ranges.ts";

export type { RandomOptions } from "../../random/random_options.ts";
export type { Point, WarpMethod, WarpOptions } from "../operations/_warp_options.ts";
export { StageError } from "../../stage/stage_error.ts";

/** Options of {@linkcode randomRotation}. */
export interface RandomRotationOptions extends RandomOptions, WarpOptions {
  /**
   * The greatest angle in degrees, either way; or the least and the greatest, counterclockwise.
   */
  readonly degrees: number | readonly [number, number];
  /**
   * The method of finding a sample between pixels.
   *
   * @default {"nearest"}
   */
  readonly method?: WarpMethod;
  /**
   * Whether the results are large enough for the whole image, each of its own size. Otherwise they have the image's.
   *
   * @default {false}
   */
  readonly expand?: boolean;
  /** The point that stays where it is. By default, the middle of the image. */
  readonly center?: Point;
}

/**
 * Rotates images by random angles, all of a range being equally likely, as torchvision's `RandomRotation` does: see
 * {@linkcode rotateImage}. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, randomRotation, withSeed } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(1, 2, 3, 4), height: 2, width: 2, channels: 1 };
 * const examples: Example[] = [{ image, label: 0 }];
 * const [rotated] = await pipe(
 *   ReadableStream.from(examples),
 *   withSeed({ seed: 1 }),
 *   randomRotation({ degrees: [90, 90] }),
 *   collect,
 * );
 * assertEquals(rotated?.image.data, Uint8Array.of(2, 4, 1, 3));
 * ```
 *
 * @param options The angles, how an image is sampled, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that has another number of channels than `fill`, is
 * of bytes where `fill` is not a byte, or whose shape does not fit its data.
 * @throws {RangeError} When the angles are not from -360 to 360 or not in order, the center is not finite, the method is
 * unknown, `fill` is not finite, or `seed` or `epoch` is not an integer of at least 0.
 */
export function randomRotation(
  { degrees, method = "nearest", expand = false, center, fill = 0, ...random }:
    RandomRotationOptions,
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Example<D>> {
  const angles = toAngles("rotate", "degrees", degrees);
  if (center) checkPoint("rotate about", "center", center);
  checkWarp("rotate", { method, fill });
  const drawsOf = seedDraws("randomRotation", "rotate", random);
  const warp = {
    method,
    expand,
    fill: copyNumbers(fill),
    ...center && { center: [center[0], center[1]] as const },
  };
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    makeRandomStage(drawsOf, {
      name: "rotate",
      each: (example: Example<D>, draws) => {
        expandFill(example.image, "fill", warp.fill);
        const image = rotateImage(example.image, { ...warp, angle: draws.between(angles) });
        return withImage(example, image);
      },
    })(source);
}
