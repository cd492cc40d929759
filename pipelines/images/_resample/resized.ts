import { newArray } from "../../stage/_arrays.ts";
import { checkImage } from "../../data/_image_data.ts";
import type { Allocate } from "../../stage/allocate.ts";
import { mixRows } from "./mix_rows.ts";
import { pickNearest } from "./pick_nearest.ts";
import { resample } from "./resample.ts";
import { tapsOf } from "./taps.ts";
import type { Image, ImageData } from "../../data/image.ts";
import type { ResizeOptions } from "./resize_options.ts";

/** As {@linkcode resizeImage}, its options checked, with an array for the result. */
export function resized<D extends ImageData>(
  image: Image<D>,
  { height, width, method }: Required<ResizeOptions>,
  allocate: Allocate,
): Image<D> {
  checkImage(image);
  if (image.height === height && image.width === width) return image;
  const { channels } = image;
  const output = allocate(image.data, height * width * channels);
  if (method === "nearest") pickNearest(image, height, width, output);
  else weigh(image, height, width, method, output);
  return { data: output, height, width, channels };
}

function weigh<D extends ImageData>(
  { data, ...image }: Image<D>,
  height: number,
  width: number,
  method: "bilinear" | "bicubic",
  output: D,
): void {
  const { channels } = image;
  const rowLength = width * channels;
  const columns = image.width === width ? undefined : tapsOf(method, image.width, width);
  const rows = image.height === height ? undefined : tapsOf(method, image.height, height);
  if (!rows) return resample(data, height, channels, columns!, output);
  const bytes: ImageData = data;
  const mixing = bytes instanceof Uint8Array ? mixRows(columns, rows, rowLength) : undefined;
  if (mixing) {
    if (mixing.image) mixing.image.set(bytes);
    else if (columns) resample(bytes, image.height, channels, columns, mixing.rows);
    else mixing.rows.set(bytes);
    mixing.mix();
    output.set(mixing.output);
  } else {
    let wide = data;
    if (columns) {
      wide = newArray(data, image.height * rowLength);
      resample(data, image.height, channels, columns, wide);
    }
    resample(wide, 1, rowLength, rows, output);
  }
}
