import type { Image, ImageData } from "../../data/image.ts";

/** Resizes an image, each pixel of the result being the nearest one of the image. */
export function pickNearest<D extends ImageData>(
  image: Image<D>,
  height: number,
  width: number,
  output: D,
): void {
  const { data, channels } = image;
  const rows = findNearest(image.height, height);
  const columns = findNearest(image.width, width);
  const rowLength = width * channels;
  let to = 0;
  for (let y = 0; y < height; y++) {
    if (y > 0 && rows[y] === rows[y - 1]) {
      output.copyWithin(to, to - rowLength, to);
      to += rowLength;
      continue;
    }
    const row = rows[y]! * image.width;
    for (let x = 0; x < width; x++) {
      const from = (row + columns[x]!) * channels;
      for (let c = 0; c < channels; c++) output[to++] = data[from + c]!;
    }
  }
}

/** Finds the sample of an input line that is nearest to each sample of an output line. */
function findNearest(inputs: number, outputs: number): Int32Array {
  const indices = new Int32Array(outputs);
  const step = inputs / outputs;
  // Added up like Pillow: a product rounds differently where a place is halfway between two samples.
  let place = step * 0.5;
  for (let o = 0; o < outputs; o++) {
    indices[o] = Math.min(place, inputs - 1);
    place += step;
  }
  return indices;
}
