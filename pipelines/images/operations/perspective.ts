/**
 * Changes the perspective of single images, like torchvision on Pillow's images.
 *
 * @module
 */

import { checkImage } from "../../data/_image_data.ts";
import type { Image, ImageData } from "../../data/image.ts";
import { warpPerspective } from "./_warp.ts";
import {
  checkPoint,
  checkWarp,
  type Point,
  type Projection,
  type WarpMethod,
  type WarpOptions,
} from "./_warp_options.ts";

export type { Point, WarpMethod, WarpOptions } from "./_warp_options.ts";

/** Four points, such as the corners of an image in the order upper left, upper right, lower right, lower left. */
export type FourPoints = readonly [Point, Point, Point, Point];

/** Options of {@linkcode perspectiveImage}. */
export interface PerspectiveImageOptions extends WarpOptions {
  /** Four points of the image, no three of them on a line. */
  readonly startPoints: FourPoints;
  /** Where they are in the result, no three of them on a line. */
  readonly endPoints: FourPoints;
  /**
   * The method of finding a sample between pixels.
   *
   * @default {"bilinear"}
   */
  readonly method?: WarpMethod;
}

/**
 * Changes the perspective of an image so that four of its points come to lie at four others, like torchvision's
 * `perspective` of Pillow's images. The result has the image's size. The map's eight coefficients are found in
 * double precision and rounded to single, as newer versions of torchvision do; 0.14 finds them in single precision, so
 * that some bytes differ.
 *
 * Each channel is sampled on its own; Pillow does otherwise where one of them is alpha.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { perspectiveImage } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(1, 2, 3, 4), height: 2, width: 2, channels: 1 };
 * const result = perspectiveImage(image, {
 *   startPoints: [[0, 0], [2, 0], [2, 2], [0, 2]],
 *   endPoints: [[2, 0], [2, 2], [0, 2], [0, 0]],
 *   method: "nearest",
 * });
 * assertEquals(result.data, Uint8Array.of(3, 1, 4, 2));
 * ```
 *
 * @typeParam D The type of the image's array.
 * @param image The image, of any number of channels.
 * @param options The points, the method and the fill.
 * @returns The image in another perspective, of the same size, type and channels.
 * @throws {RangeError} When a point is not two finite numbers, three of them lie on a line, the method is unknown,
 * `fill` is not finite, not one number for each channel or, for an image of bytes, not a byte; or when the image's shape
 * does not fit its data.
 */
export function perspectiveImage<D extends ImageData>(
  image: Image<D>,
  { startPoints, endPoints, method = "bilinear", fill = 0 }: PerspectiveImageOptions,
): Image<D> {
  checkFour("start", startPoints);
  checkFour("end", endPoints);
  checkWarp("warp", { method, fill });
  checkImage(image);
  const { height, width } = image;
  const map = findProjection(endPoints, startPoints);
  return warpPerspective(image, map, { height, width, method, fill });
}

function checkFour(name: string, points: FourPoints): void {
  if (points.length !== 4) {
    throw new RangeError(
      `Cannot warp by ${points.length} ${name} points: there must be four of them`,
    );
  }
  for (const point of points) checkPoint(`warp by the ${name} point`, "point", point);
  for (let i = 0; i < 4; i++) {
    const [[x0, y0], [x1, y1], [x2, y2]] = [0, 1, 2].map((next) =>
      points[(i + next) % 4]!
    ) as unknown as readonly [Point, Point, Point];
    if ((x1 - x0) * (y2 - y0) !== (x2 - x0) * (y1 - y0)) continue;
    throw new RangeError(
      `Cannot warp by the ${name} points ${
        points.map(([x, y]) => `[${x}, ${y}]`).join(", ")
      }: three of them lie on a line`,
    );
  }
}

/** Finds the projection that maps four points to four others, by Gaussian elimination. */
function findProjection(from: FourPoints, to: FourPoints): Projection {
  const rows = from.flatMap(([x, y], i) => {
    const [u, v] = to[i]!;
    return [[x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]];
  });
  for (let column = 0; column < 8; column++) {
    let pivot = column;
    for (let row = column; row < 8; row++) {
      if (Math.abs(rows[row]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = row;
    }
    const best = rows[pivot]!;
    [rows[column], rows[pivot]] = [best, rows[column]!];
    for (let row = 0; row < 8; row++) {
      if (row === column) continue;
      const factor = rows[row]![column]! / best[column]!;
      for (let i = column; i < 9; i++) rows[row]![i]! -= factor * best[i]!;
    }
  }
  return rows.map((row, i) => Math.fround(row[8]! / row[i]!)) as unknown as Projection;
}
