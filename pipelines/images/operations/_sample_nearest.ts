import type { Image, ImageData } from "../../data/image.ts";

/** Writes the pixels of an image that are nearest to some points; see {@linkcode Sampler}. */
export function sampleNearest(
  { data, height, width, channels }: Image,
  xs: Float64Array,
  ys: Float64Array,
  output: ImageData,
  at: number,
): void {
  for (let i = 0, to = at; i < xs.length; i++, to += channels) {
    const x = xs[i]!;
    const y = ys[i]!;
    // Nothing of this holds for NaN.
    if (!(x >= 0 && x < width && y >= 0 && y < height)) continue;
    const from = ((y | 0) * width + (x | 0)) * channels;
    output[to] = data[from]!;
    if (channels === 3) {
      output[to + 1] = data[from + 1]!;
      output[to + 2] = data[from + 2]!;
    } else {
      for (let c = 1; c < channels; c++) output[to + c] = data[from + c]!;
    }
  }
}
