import { newData } from "./_image_data.ts";
import type { Image, ImageData } from "./image.ts";

/** An image of one channel with that channel several times; the image itself where once is enough. */
export function repeatChannel<D extends ImageData>(image: Image<D>, channels: number): Image<D> {
  if (channels === 1) return image;
  const { data, height, width } = image;
  const output = newData(data, data.length * channels);
  for (let i = 0, to = 0; i < data.length; i++) {
    const sample = data[i];
    for (let c = 0; c < channels; c++) output[to++] = sample;
  }
  return { data: output, height, width, channels };
}
