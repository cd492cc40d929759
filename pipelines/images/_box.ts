import type { Draws } from "../random/_draws.ts";
import { roundHalfEven } from "./operations/_middle.ts";

/** A rectangle of an image's pixels. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** The least and the greatest of some numbers. */
export type Range = readonly [number, number];

/** How many rectangles are drawn before giving up. */
export const ATTEMPTS = 10;

/**
 * Draws the sides of a rectangle: its area is uniform in a range of parts of the whole, the logarithm of its ratio is
 * uniform between two logarithms.
 *
 * @returns The sides, rounded, the first one divided by the second one being the ratio.
 */
export function drawSides(
  { height, width }: { readonly height: number; readonly width: number },
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
  image: { readonly height: number; readonly width: number },
  height: number,
  width: number,
  draws: Draws,
): Box {
  const top = draws.below(image.height - height + 1);
  const left = draws.below(image.width - width + 1);
  return { top, left, height, width };
}
