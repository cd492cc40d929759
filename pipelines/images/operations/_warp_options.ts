import { checkNumber } from "../../_arguments/check_number.ts";
import { checkNumbers } from "./_per_channel.ts";

/** A point of an image: pixels to the right of its upper left corner, and pixels below it. */
export type Point = readonly [x: number, y: number];

/**
 * The method of finding a sample between pixels: `"nearest"` takes that of the nearest pixel, `"bilinear"` interpolates
 * linearly between the four around, and `"bicubic"` by a cubic between the sixteen around.
 */
export type WarpMethod = "bilinear" | "bicubic" | "nearest";

/**
 * An affine map from the result to the image: the point `(x, y)` shows what lies at `(a·x + b·y + c, d·x + e·y + f)`.
 * The middle of the first pixel is at (0.5, 0.5).
 */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/**
 * A projective map from the result to the image: as {@linkcode Affine}, but both coordinates are divided by
 * `g·x + h·y + 1`.
 */
export type Projection = readonly [...Affine, g: number, h: number];

/** What {@linkcode RotateImageOptions}, {@linkcode AffineImageOptions} and {@linkcode PerspectiveImageOptions} share. */
export interface WarpOptions {
  /** The method of finding a sample between pixels. */
  readonly method?: WarpMethod;
  /**
   * The samples of pixels from outside the image: one number, or one for each channel.
   *
   * @default {0}
   */
  readonly fill?: number | readonly number[];
}

/**
 * Refuses an unknown method, and samples that no image has.
 *
 * @param verb The action that was asked for: `rotate`.
 * @throws {RangeError} As `Cannot rotate by the method "cubic": there are bilinear, bicubic and nearest`.
 */
export function checkWarp(verb: string, { method, fill }: Required<WarpOptions>): void {
  if (!METHODS.includes(method)) {
    throw new RangeError(
      `Cannot ${verb} by the method "${method}": there are ${METHODS.slice(0, -1).join(", ")} and ${
        METHODS.at(-1)
      }`,
    );
  }
  checkNumbers(`${verb} with`, "fill", fill);
}

/**
 * Refuses a point that isn't two finite numbers.
 *
 * @throws {RangeError} As `Cannot rotate about [NaN, 1]: the center must be two numbers`.
 */
export function checkPoint(action: string, name: string, point: Point): void {
  if (point.length === 2 && point.every(Number.isFinite)) return;
  throw new RangeError(`Cannot ${action} [${point.join(", ")}]: the ${name} must be two numbers`);
}

/**
 * Refuses an angle that isn't a finite number.
 *
 * @throws {RangeError} As `Cannot rotate by NaN: the angle must be a number of degrees`.
 */
export function checkAngle(action: string, name: string, angle: number): void {
  if (Number.isFinite(angle)) return;
  throw new RangeError(`Cannot ${action} ${angle}: the ${name} must be a number of degrees`);
}

/**
 * Refuses a scale that isn't above 0.
 *
 * @throws {RangeError} As `Cannot scale by 0: the scale must be a number above 0`.
 */
export const checkScale = (scale: number): void =>
  checkNumber(`scale by ${scale}`, "scale", scale, { min: 0, open: true });

const METHODS: readonly WarpMethod[] = ["bilinear", "bicubic", "nearest"];
