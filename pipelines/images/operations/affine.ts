/**
 * Rotates, moves, scales and shears single images, byte for byte like torchvision on Pillow's images.
 *
 * @module
 */

import { checkImage } from "../../data/_image_data.ts";
import type { Image, ImageData } from "../../data/image.ts";
import { turn } from "./_reorder_pixels.ts";
import { warpAffine } from "./_warp.ts";
import {
  type Affine,
  checkAngle,
  checkPoint,
  checkScale,
  checkWarp,
  type Point,
  type WarpMethod,
  type WarpOptions,
} from "./_warp_options.ts";

export type { Point, WarpMethod, WarpOptions } from "./_warp_options.ts";

/** Options of {@linkcode rotateImage}. */
export interface RotateImageOptions extends WarpOptions {
  /** The angle in degrees, counterclockwise. */
  readonly angle: number;
  /**
   * The method of finding a sample between pixels.
   *
   * @default {"nearest"}
   */
  readonly method?: WarpMethod;
  /**
   * Whether the result is large enough for the whole image, rotated about its middle. Otherwise it has the image's size.
   *
   * @default {false}
   */
  readonly expand?: boolean;
  /**
   * The point that stays where it is. By default, the middle of the image.
   */
  readonly center?: Point;
}

/** Options of {@linkcode affineImage}. */
export interface AffineImageOptions extends WarpOptions {
  /**
   * The angle in degrees, clockwise.
   *
   * @default {0}
   */
  readonly angle?: number;
  /**
   * How far the image is moved after all else, in pixels to the right and down.
   *
   * @default {[0, 0]}
   */
  readonly translate?: Point;
  /**
   * The factor of its size, above 0.
   *
   * @default {1}
   */
  readonly scale?: number;
  /**
   * The angle in degrees by which it is sheared along its rows, or those along its rows and its columns.
   *
   * @default {0}
   */
  readonly shear?: number | Point;
  /**
   * The method of finding a sample between pixels.
   *
   * @default {"nearest"}
   */
  readonly method?: WarpMethod;
  /**
   * The point about which it is rotated, scaled and sheared. By default, the middle of the image.
   */
  readonly center?: Point;
}

/**
 * Rotates an image, exactly like Pillow's `rotate` and torchvision's of Pillow's images. Multiples of a right angle
 * move pixels only, where the result has their shape and the center is the middle.
 *
 * Each channel is sampled on its own; Pillow does otherwise where one of them is alpha.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rotateImage } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(1, 2, 3, 4), height: 2, width: 2, channels: 1 };
 * assertEquals(rotateImage(image, { angle: 90 }).data, Uint8Array.of(2, 4, 1, 3));
 *
 * const { height, width } = rotateImage(image, { angle: 45, expand: true, method: "bilinear" });
 * assertEquals([height, width], [4, 4]);
 * ```
 *
 * @typeParam D The type of the image's array.
 * @param image The image, of any number of channels.
 * @param options The angle, the method, the size of the result, the center and the fill.
 * @returns The rotated image; the image itself where the angle is a multiple of 360 degrees and there is no center.
 * @throws {RangeError} When the angle or the center is not finite, the method is unknown, `fill` is not finite, not one
 * number for each channel or, for an image of bytes, not a byte; or when the image's shape does not fit its data.
 */
export function rotateImage<D extends ImageData>(
  image: Image<D>,
  { angle, method = "nearest", expand = false, center, fill = 0 }: RotateImageOptions,
): Image<D> {
  checkAngle("rotate by", "angle", angle);
  if (center) checkPoint("rotate about", "center", center);
  checkWarp("rotate", { method, fill });
  checkImage(image);
  let { height, width } = image;
  const degrees = angle % 360 + (angle % 360 < 0 ? 360 : 0);
  if (!center) {
    if (degrees === 0) return image;
    const quarters = degrees / 90;
    if (quarters === 2) return turn(image, 2);
    if ((quarters === 1 || quarters === 3) && (expand || height === width)) {
      return turn(image, quarters);
    }
  }
  const [centerX, centerY] = center ?? [width / 2, height / 2];
  const radians = -toRadians(degrees);
  const cos = roundTo15(Math.cos(radians));
  const sin = roundTo15(Math.sin(radians));
  let map: Affine = [
    cos,
    sin,
    cos * -centerX + sin * -centerY + centerX,
    -sin,
    cos,
    -sin * -centerX + cos * -centerY + centerY,
  ];
  if (expand) {
    const corners = [[0, 0], [width, 0], [width, height], [0, height]] as const;
    const places = corners.map((corner) => apply(map, corner));
    const measure = (coordinates: readonly number[]) =>
      Math.ceil(Math.max(...coordinates)) - Math.floor(Math.min(...coordinates));
    const size = {
      height: measure(places.map(([, y]) => y)),
      width: measure(places.map(([x]) => x)),
    };
    const [a, b, , d, e] = map;
    const [c, f] = apply(map, [-(size.width - width) / 2, -(size.height - height) / 2]);
    map = [a, b, c, d, e, f];
    ({ height, width } = size);
  }
  return warpAffine(image, map, { height, width, method, fill });
}

/**
 * Rotates, scales, shears and moves an image, exactly like torchvision's `affine` of Pillow's images. The result has the
 * image's size.
 *
 * Each channel is sampled on its own; Pillow does otherwise where one of them is alpha.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { affineImage } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(1, 2, 3, 4), height: 2, width: 2, channels: 1 };
 * const moved = affineImage(image, { translate: [1, 0], fill: 9 });
 * assertEquals(moved.data, Uint8Array.of(9, 1, 9, 3));
 * ```
 *
 * @typeParam D The type of the image's array.
 * @param image The image, of any number of channels.
 * @param options What is done to the image, the method, the center and the fill.
 * @returns The image after that, of the same size, type and channels.
 * @throws {RangeError} When an angle, `translate` or the center is not finite, the scale is not above 0, the method is
 * unknown, `fill` is not finite, not one number for each channel or, for an image of bytes, not a byte; or when the
 * image's shape does not fit its data.
 */
export function affineImage<D extends ImageData>(
  image: Image<D>,
  {
    angle = 0,
    translate = [0, 0],
    scale = 1,
    shear = 0,
    method = "nearest",
    center,
    fill = 0,
  }: AffineImageOptions = {},
): Image<D> {
  checkAngle("rotate by", "angle", angle);
  checkPoint("move by", "translation", translate);
  checkScale(scale);
  const [shearX, shearY] = typeof shear === "number" ? [shear, 0] : shear;
  checkAngle("shear by", "angle", shearX);
  checkAngle("shear by", "angle", shearY);
  if (center) checkPoint("rotate about", "center", center);
  checkWarp("warp", { method, fill });
  checkImage(image);
  const { height, width } = image;
  const map = invert({
    angle: toRadians(angle),
    translate,
    scale,
    shearX: toRadians(shearX),
    shearY: toRadians(shearY),
    center: center ?? [width * 0.5, height * 0.5],
  });
  return warpAffine(image, map, { height, width, method, fill });
}

/** The map of an affine transform from its result back to the image, term by term as torchvision calculates it. */
function invert(
  { angle, translate: [x, y], scale, shearX, shearY, center: [centerX, centerY] }: {
    readonly angle: number;
    readonly translate: Point;
    readonly scale: number;
    readonly shearX: number;
    readonly shearY: number;
    readonly center: Point;
  },
): Affine {
  const { cos, sin, tan } = Math;
  // A rotation times both shears, whose determinant is 1, as that of its inverse is.
  const a = cos(angle - shearY) / cos(shearY);
  const b = -cos(angle - shearY) * tan(shearX) / cos(shearY) - sin(angle);
  const c = sin(angle - shearY) / cos(shearY);
  const d = -sin(angle - shearY) * tan(shearX) / cos(shearY) + cos(angle);
  const xX = d / scale;
  const xY = -b / scale;
  const yX = -c / scale;
  const yY = a / scale;
  return [
    xX,
    xY,
    xX * (-centerX - x) + xY * (-centerY - y) + centerX,
    yX,
    yY,
    yX * (-centerX - x) + yY * (-centerY - y) + centerY,
  ];
}

const apply = ([a, b, c, d, e, f]: Affine, [x, y]: Point): Point => [
  a * x + b * y + c,
  d * x + e * y + f,
];

const toRadians = (degrees: number): number => degrees * (Math.PI / 180);

/** Rounds to 15 decimal places, as Pillow does, which makes the cosine of a right angle 0. */
const roundTo15 = (x: number): number => Number(x.toFixed(15));
