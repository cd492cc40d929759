import type { Image } from "../../pipelines/data/image.ts";

/** The numbers that stand for black and for white. */
export type SampleRange = readonly [black: number, white: number];

/**
 * Makes images of bytes of any, to be seen. Bytes stay; floats are stretched from a range.
 *
 * @param images The images.
 * @param range What is black and what is white among floats: by default the least and the largest of all that are finite.
 */
export function toByteImages(
  images: readonly Image[],
  range: SampleRange | undefined,
): Image<Uint8Array<ArrayBuffer>>[] {
  const [black, white] = range ?? findRange(images.map(({ data }) => data));
  const scale = 255 / (white - black || 1);
  return images.map(({ data, ...shape }) => ({
    ...shape,
    data: data instanceof Uint8Array
      ? data
      // A clamped array rounds, and takes NaN for 0.
      : new Uint8Array(Uint8ClampedArray.from(data, (value) => (value - black) * scale)),
  }));
}

function findRange(arrays: readonly ArrayLike<number>[]): SampleRange {
  let [least, largest] = [Infinity, -Infinity];
  for (const data of arrays) {
    if (data instanceof Uint8Array) continue;
    for (let i = 0; i < data.length; i++) {
      const value = data[i]!;
      if (!Number.isFinite(value)) continue;
      if (value < least) least = value;
      if (value > largest) largest = value;
    }
  }
  return least <= largest ? [least, largest] : [0, 1];
}

/** Repeats pixels, so that a small image is seen without being blurred. */
export function enlarge(
  { data, height, width, channels }: Image<Uint8Array<ArrayBuffer>>,
  times: number,
): Image<Uint8Array<ArrayBuffer>> {
  if (times === 1) return { data, height, width, channels };
  const stride = width * times * channels;
  const output = new Uint8Array(height * times * stride);
  for (let row = 0; row < height * times; row++) {
    const from = Math.floor(row / times) * width;
    for (let column = 0; column < width * times; column++) {
      const pixel = (from + Math.floor(column / times)) * channels;
      for (let c = 0; c < channels; c++) {
        output[row * stride + column * channels + c] = data[pixel + c]!;
      }
    }
  }
  return { data: output, height: height * times, width: width * times, channels };
}
