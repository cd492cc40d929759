import type { ImageRegion } from "../data/encoded_image.ts";
import type { Draws } from "../random/_draws.ts";
import { roundHalfEven } from "./operations/_middle.ts";

/** The least and the greatest of some numbers. */
export type Range = readonly [number, number];

/** The sides of an image. */
type Size = Pick<ImageRegion, "height" | "width">;

/** How many rectangles are drawn before giving up. */
export const ATTEMPTS = 10;

/**
 * Draws the sides of a rectangle: its area is uniform in a range of parts of the whole, the logarithm of its ratio is
 * uniform between two logarithms.
 *
 * @returns The sides, rounded, the first one divided by the second one being the ratio.
 */
export function drawSides(
  { height, width }: Size,
  scale: Range,
  logRatio: Range,
  draws: Draws,
): readonly [number, number] {
  const area = height * width * draws.between(scale);
  const ratio = Math.exp(draws.between(logRatio));
  return [roundHalfEven(Math.sqrt(area * ratio)), roundHalfEven(Math.sqrt(area / ratio))];
}

/** Draws the place of a rectangle in an image, all places being equally likely. */
export function drawPlace(
  image: Size,
  height: number,
  width: number,
  draws: Draws,
): ImageRegion {
  const top = draws.below(image.height - height + 1);
  const left = draws.below(image.width - width + 1);
  return { top, left, height, width };
}

/**
 * Draws a rectangle of an image as `randomResizedCrop` does: the largest one in the middle whose ratio is in its range where
 * {@linkcode ATTEMPTS} were larger than the image.
 */
export function drawRegion(
  image: Size,
  scale: Range,
  [minRatio, maxRatio]: Range,
  draws: Draws,
): ImageRegion {
  const logRatio: Range = [Math.log(minRatio), Math.log(maxRatio)];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [width, height] = drawSides(image, scale, logRatio, draws);
    if (width === 0 || width > image.width || height === 0 || height > image.height) continue;
    return drawPlace(image, height, width, draws);
  }
  const ratio = image.width / image.height;
  // A ratio far from the image's may leave less than half a pixel.
  const height = ratio < minRatio
    ? Math.max(roundHalfEven(image.width / minRatio), 1)
    : image.height;
  const width = ratio > maxRatio
    ? Math.max(roundHalfEven(image.height * maxRatio), 1)
    : image.width;
  return {
    top: Math.floor((image.height - height) / 2),
    left: Math.floor((image.width - width) / 2),
    height,
    width,
  };
}
