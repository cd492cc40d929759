/**
 * Rotates, moves, scales and shears images at random.
 *
 * @module
 */

import { checkNumber, checkRange } from "../../_arguments/check_number.ts";
import type { Example } from "../../data/example.ts";
import type { ImageData } from "../../data/image.ts";
import { seedDraws } from "../../random/_draws.ts";
import { makeRandomStage } from "../../random/_random_stage.ts";
import type { RandomOptions } from "../../random/random_options.ts";
import type { Range } from "../_box.ts";
import { withImage } from "../_map_images.ts";
import { roundHalfEven } from "../operations/_middle.ts";
import { copyNumbers, expandFill } from "../operations/_per_channel.ts";
import {
  checkPoint,
  checkWarp,
  type Point,
  type WarpMethod,
  type WarpOptions,
} from "../operations/_warp_options.ts";
import { affineImage } from "../operations/affine.ts";
import { toAngles } from "./_warp_ranges.ts";

export type { RandomOptions } from "../../random/random_options.ts";
export type { Point, WarpMethod, WarpOptions } from "../operations/_warp_options.ts";
export { StageError } from "../../stage/stage_error.ts";

/** Options of {@linkcode randomAffine}. */
export interface RandomAffineOptions extends RandomOptions, WarpOptions {
  /**
   * The greatest angle in degrees, either way; or the least and the greatest, clockwise.
   *
   * @default {0}
   */
  readonly degrees?: number | readonly [number, number];
  /**
   * How far an image is moved at most, either way: the part of its width to the right or left, and that of its height down
   * or up, each from 0 to 1.
   *
   * @default {[0, 0]}
   */
  readonly translate?: readonly [x: number, y: number];
  /**
   * The least and the greatest factor of its size, above 0.
   *
   * @default {[1, 1]}
   */
  readonly scale?: readonly [number, number];
  /**
   * The angles in degrees by which it is sheared along its rows: the greatest, either way; or the least and the greatest; or
   * those along its rows before those along its columns.
   *
   * @default {0}
   */
  readonly shear?:
    | number
    | readonly [number, number]
    | readonly [minX: number, maxX: number, minY: number, maxY: number];
  /**
   * The method of finding a sample between pixels.
   *
   * @default {"nearest"}
   */
  readonly method?: WarpMethod;
  /** The point about which it is rotated, scaled and sheared. By default, the middle of the image. */
  readonly center?: Point;
}

/**
 * Rotates, scales, shears and moves images at random, as torchvision's `RandomAffine` does: see {@linkcode affineImage}. All
 * angles, factors and distances of a range are equally likely; a distance is rounded to whole pixels. The results have
 * the images' sizes. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, randomAffine, withSeed } from "@rill/rill/pipelines";
 *
 * const image = { data: new Uint8Array(28 * 28), height: 28, width: 28, channels: 1 };
 * const examples: Example[] = [{ image, label: 7 }];
 * const [moved] = await pipe(
 *   ReadableStream.from(examples),
 *   withSeed({ seed: 1 }),
 *   randomAffine({ degrees: 10, translate: [0.1, 0.1], scale: [0.9, 1.1], method: "bilinear" }),
 *   collect,
 * );
 * assertEquals([moved?.image.height, moved?.image.width], [28, 28]);
 * ```
 *
 * @param options What is done to an image, how it is sampled, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that has another number of channels than `fill`, is
 * of bytes where `fill` is not a byte, or whose shape does not fit its data.
 * @throws {RangeError} When angles are not from -360 to 360, parts not from 0 to 1, factors not above 0, a range not in
 * order, the center is not finite, the method is unknown, `fill` is not finite, or `seed` or `epoch` is not an integer of
 * at least 0.
 */
export function randomAffine(
  {
    degrees = 0,
    translate: [translateX, translateY] = [0, 0],
    scale: [minScale, maxScale] = [1, 1],
    shear = 0,
    method = "nearest",
    center,
    fill = 0,
    ...random
  }: RandomAffineOptions = {},
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Example<D>> {
  const angles = toAngles("warp", "degrees", degrees);
  for (const part of [translateX, translateY]) {
    checkNumber(`warp with a translation of ${part}`, "translation", part, { min: 0, max: 1 });
  }
  const scales: Range = [minScale, maxScale];
  checkRange("warp", "scale", scales, { min: 0, open: true });
  const [minX, maxX, minY = 0, maxY = 0] = typeof shear === "number" ? [-shear, shear] : shear;
  const shearX = toAngles("warp", "shear", [minX, maxX]);
  const shearY = toAngles("warp", "shear", [minY, maxY]);
  if (center) checkPoint("warp about", "center", center);
  checkWarp("warp", { method, fill });
  const drawsOf = seedDraws("randomAffine", "warp", random);
  const warp = {
    method,
    fill: copyNumbers(fill),
    ...center && { center: [center[0], center[1]] as const },
  };
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    makeRandomStage(drawsOf, {
      name: "warp",
      each: (example: Example<D>, draws) => {
        const { image } = example;
        expandFill(image, "fill", warp.fill);
        const drawDistance = (limit: number) => roundHalfEven(draws.between([-limit, limit])) + 0;
        // All are drawn, whether needed or not, so that no option changes the numbers of another one.
        const angle = draws.between(angles);
        const translate = [
          drawDistance(translateX * image.width),
          drawDistance(translateY * image.height),
        ] as const;
        const scale = draws.between(scales);
        const shear = [draws.between(shearX), draws.between(shearY)] as const;
        return withImage(example, affineImage(image, { ...warp, angle, translate, scale, shear }));
      },
    })(source);
}
