import { checkImage } from "../../data/_image_data.ts";
import type { Image, ImageData } from "../../data/image.ts";
import { newArray } from "../../stage/_arrays.ts";
import type { Allocate } from "../../stage/allocate.ts";
import { prepareRowMixer } from "./mix_rows.ts";
import { pickNearest } from "./pick_nearest.ts";
import { resample } from "./resample.ts";
import type { ResizeOptions } from "./resize_options.ts";
import { getTaps } from "./taps.ts";

/** Resizes an image as {@linkcode resizeImage} does, its options checked, into an array that `allocate` makes. */
export function resizeInto<D extends ImageData>(
  image: Image<D>,
  { height, width, method }: Required<ResizeOptions>,
  allocate: Allocate,
): Image<D> {
  checkImage(image);
  if (image.height === height && image.width === width) return image;
  const { channels } = image;
  const output = allocate(image.data, height * width * channels);
  if (method === "nearest") pickNearest(image, height, width, output);
  else interpolate(image, height, width, method, output);
  return { data: output, height, width, channels };
}

/** Resizes an image with weights, first its columns, then its rows. */
function interpolate<D extends ImageData>(
  { data, ...image }: Image<D>,
  height: number,
  width: number,
  method: "bilinear" | "bicubic",
  output: D,
): void {
  const { channels } = image;
  const rowLength = width * channels;
  const columns = image.width === width ? undefined : getTaps(method, image.width, width);
  const rows = image.height === height ? undefined : getTaps(method, image.height, height);
  if (!rows) {
    if (columns) resample(data, height, channels, columns, output);
    return;
  }
  const bytes: ImageData = data;
  const mixer = bytes instanceof Uint8Array ? prepareRowMixer(columns, rows, rowLength) : undefined;
  if (mixer) {
    if (mixer.image) mixer.image.set(bytes);
    else if (columns) resample(bytes, image.height, channels, columns, mixer.rows);
    else mixer.rows.set(bytes);
    mixer.mix();
    output.set(mixer.output);
  } else {
    let wide = data;
    if (columns) {
      wide = newArray(data, image.height * rowLength);
      resample(data, image.height, channels, columns, wide);
    }
    resample(wide, 1, rowLength, rows, output);
  }
}
