import { checkImage } from "../../data/_image_data.ts";
import type { Image, ImageData } from "../../data/image.ts";
import { newArray } from "../../stage/_arrays.ts";
import { expandFill, fillPixels } from "./_per_channel.ts";
import { pickAffine } from "./_pick_affine.ts";
import { sampleBicubic } from "./_sample_bicubic.ts";
import { sampleBilinear } from "./_sample_bilinear.ts";
import { sampleNearest } from "./_sample_nearest.ts";
import type { Affine, Projection, WarpMethod, WarpOptions } from "./_warp_options.ts";

/** The size of the result, the method and the fill. */
type Options = Required<WarpOptions> & { readonly height: number; readonly width: number };

/** Warps an image byte for byte as Pillow's `transform` does with `AFFINE`. */
export function warpAffine<D extends ImageData>(
  image: Image<D>,
  map: Affine,
  options: Options,
): Image<D> {
  const result = makeFilled(image, options);
  if (options.method === "nearest") {
    pickAffine(image, map, result);
    return result;
  }
  const [a, b, c, d, e, f] = map;
  warpRows(image, result, options, (y, xs, ys) => {
    const bY = b * y;
    const eY = e * y;
    for (let i = 0; i < xs.length; i++) {
      xs[i] = a * (i + 0.5) + bY + c;
      ys[i] = d * (i + 0.5) + eY + f;
    }
  });
  return result;
}

/** Warps an image byte for byte as Pillow's `transform` does with `PERSPECTIVE`. */
export function warpPerspective<D extends ImageData>(
  image: Image<D>,
  [a, b, c, d, e, f, g, h]: Projection,
  options: Options,
): Image<D> {
  const result = makeFilled(image, options);
  warpRows(image, result, options, (y, xs, ys) => {
    const bY = b * y;
    const eY = e * y;
    const hY = h * y;
    for (let i = 0; i < xs.length; i++) {
      const x = i + 0.5;
      const divisor = g * x + hY + 1;
      xs[i] = (a * x + bY + c) / divisor;
      ys[i] = (d * x + eY + f) / divisor;
    }
  });
  return result;
}

/** Makes an image of the fill alone, which all pixels keep that lie outside. */
function makeFilled<D extends ImageData>(
  image: Image<D>,
  { height, width, fill }: Options,
): Image<D> {
  checkImage(image);
  const { channels } = image;
  const samples = expandFill(image, "fill", fill);
  const data = newArray(image.data, height * width * channels);
  if (samples.some((sample) => sample !== 0)) fillPixels(data, samples, 0, data.length);
  return { data, height, width, channels };
}

/**
 * Writes what an image shows at some points, and leaves the samples of points outside as they are.
 *
 * @param xs The points' distances from the left side of the image.
 * @param ys The points' distances from its upper side.
 * @param output The array to write to, from the index `at` on.
 */
export type Sampler = (
  image: Image,
  xs: Float64Array,
  ys: Float64Array,
  output: ImageData,
  at: number,
) => void;

const SAMPLERS: Readonly<Record<WarpMethod, Sampler>> = {
  bicubic: sampleBicubic,
  bilinear: sampleBilinear,
  nearest: sampleNearest,
};

/**
 * Samples the rows of a result one by one.
 *
 * @param locate Writes where the pixels of a row lie in the image, when given the row's middle.
 */
function warpRows<D extends ImageData>(
  image: Image<D>,
  result: Image<D>,
  { method }: Options,
  locate: (y: number, xs: Float64Array, ys: Float64Array) => void,
): void {
  const sample = SAMPLERS[method];
  const xs = new Float64Array(result.width);
  const ys = new Float64Array(result.width);
  for (let row = 0; row < result.height; row++) {
    locate(row + 0.5, xs, ys);
    sample(image, xs, ys, result.data, row * result.width * result.channels);
  }
}
