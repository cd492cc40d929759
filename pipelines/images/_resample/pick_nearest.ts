import type { Image, ImageData } from "../../data/image.ts";

/** Writes the image in another size, each pixel the one whose place in the image is nearest. */
export function pickNearest<D extends ImageData>(
  image: Image<D>,
  height: number,
  width: number,
  output: D,
): void {
  const { data, channels } = image;
  const rows = nearest(image.height, height);
  const columns = nearest(image.width, width);
  const rowLength = width * channels;
  let to = 0;
  for (let y = 0; y < height; y++) {
    if (y > 0 && rows[y] === rows[y - 1]) {
      output.copyWithin(to, to - rowLength, to);
      to += rowLength;
      continue;
    }
    const row = rows[y] * image.width;
    for (let x = 0; x < width; x++) {
      const from = (row + columns[x]) * channels;
      for (let c = 0; c < channels; c++) output[to++] = data[from + c];
    }
  }
}

/** Which sample of an input line is nearest to each of an output line. */
function nearest(inputs: number, outputs: number): Int32Array {
  const indices = new Int32Array(outputs);
  const step = inputs / outputs;
  // Added up as Pillow does: a product rounds differently where a place is halfway between two samples.
  let place = step * 0.5;
  for (let o = 0; o < outputs; o++) {
    indices[o] = Math.min(place, inputs - 1);
    place += step;
  }
  return indices;
}
