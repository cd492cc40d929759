/**
 * Changes the perspective of images at random.
 *
 * @module
 */

import { checkNumber } from "../../_arguments/check_number.ts";
import type { Example } from "../../data/example.ts";
import type { ImageData } from "../../data/image.ts";
import { type Draws, seedDraws } from "../../random/_draws.ts";
import { makeRandomStage } from "../../random/_random_stage.ts";
import type { RandomOptions } from "../../random/random_options.ts";
import { ATTEMPTS } from "../_box.ts";
import { withImage } from "../_map_images.ts";
import { copyNumbers, expandFill } from "../operations/_per_channel.ts";
import {
  checkWarp,
  type Point,
  type WarpMethod,
  type WarpOptions,
} from "../operations/_warp_options.ts";
import { type FourPoints, perspectiveImage } from "../operations/perspective.ts";

export type { RandomOptions } from "../../random/random_options.ts";
export type { WarpMethod, WarpOptions } from "../operations/_warp_options.ts";
export { StageError } from "../../stage/stage_error.ts";

/** Options of {@linkcode randomPerspective}. */
export interface RandomPerspectiveOptions extends RandomOptions, WarpOptions {
  /**
   * How far a corner moves at most along each side: the part of the half of it, from 0 to 1.
   *
   * @default {0.5}
   */
  readonly distortion?: number;
  /**
   * The probability that an image is changed, from 0 to 1.
   *
   * @default {0.5}
   */
  readonly probability?: number;
  /**
   * The method of finding a sample between pixels.
   *
   * @default {"bilinear"}
   */
  readonly method?: WarpMethod;
}

/**
 * Changes the perspective of images at random, as torchvision's `RandomPerspective` does: each corner moves to a random
 * pixel further in, see {@linkcode perspectiveImage}. An image of less than two pixels along a side stays as it is, and so
 * does one for which three corners came to lie on a line ten times. Those that do not change are passed on. Holds one
 * example.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, randomPerspective, withSeed } from "@rill/rill/pipelines";
 *
 * const image = { data: new Uint8Array(32 * 32), height: 32, width: 32, channels: 1 };
 * const examples: Example[] = [{ image, label: 7 }];
 * const [changed] = await pipe(
 *   ReadableStream.from(examples),
 *   withSeed({ seed: 1 }),
 *   randomPerspective({ distortion: 0.3, probability: 1 }),
 *   collect,
 * );
 * assertEquals([changed?.image.height, changed?.image.width], [32, 32]);
 * ```
 *
 * @param options How much and how often, how an image is sampled, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that has another number of channels than `fill`, is
 * of bytes where `fill` is not a byte, or that changes and whose shape does not fit its data.
 * @throws {RangeError} When `distortion` or `probability` is not a number from 0 to 1, the method is unknown, `fill` is
 * not finite, or `seed` or `epoch` is not an integer of at least 0.
 */
export function randomPerspective(
  { distortion = 0.5, probability = 0.5, method = "bilinear", fill = 0, ...random }:
    RandomPerspectiveOptions = {},
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Example<D>> {
  checkNumber(`warp with a distortion of ${distortion}`, "distortion", distortion, {
    min: 0,
    max: 1,
  });
  checkNumber(`warp with probability ${probability}`, "probability", probability, {
    min: 0,
    max: 1,
  });
  checkWarp("warp", { method, fill });
  const drawsOf = seedDraws("randomPerspective", "warp", random);
  const warp = { method, fill: copyNumbers(fill) };
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    makeRandomStage(drawsOf, {
      name: "warp",
      each: (example: Example<D>, draws) => {
        const { image } = example;
        expandFill(image, "fill", warp.fill);
        if (draws.unit() >= probability) return example;
        const endPoints = drawCorners(image, distortion, draws);
        if (!endPoints) return example;
        const startPoints = listCorners(image);
        return withImage(example, perspectiveImage(image, { ...warp, startPoints, endPoints }));
      },
    })(source);
}

/** The size of an image. */
interface Size {
  readonly height: number;
  readonly width: number;
}

/** Lists the middles of the corner pixels, as torchvision has them: clockwise, by their indices. */
const listCorners = ({ height, width }: Size): FourPoints => [
  [0, 0],
  [width - 1, 0],
  [width - 1, height - 1],
  [0, height - 1],
];

/** Draws where the corners go, or nothing where that fails. */
function drawCorners(
  { height, width }: Size,
  distortion: number,
  draws: Draws,
): FourPoints | undefined {
  if (height < 2 || width < 2) return undefined;
  const across = Math.trunc(distortion * Math.floor(width / 2)) + 1;
  const down = Math.trunc(distortion * Math.floor(height / 2)) + 1;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const points: FourPoints = [
      [draws.below(across), draws.below(down)],
      [width - 1 - draws.below(across), draws.below(down)],
      [width - 1 - draws.below(across), height - 1 - draws.below(down)],
      [draws.below(across), height - 1 - draws.below(down)],
    ];
    if (points.every((_, i) => !areInLine(points, i))) return points;
  }
  return undefined;
}

/** Tells whether three of four points, one after the other, lie on a line. */
function areInLine(points: FourPoints, first: number): boolean {
  const [[x0, y0], [x1, y1], [x2, y2]] = [first, first + 1, first + 2].map((i) =>
    points[i % 4]!
  ) as [Point, Point, Point];
  return (x1 - x0) * (y2 - y0) === (x2 - x0) * (y1 - y0);
}
