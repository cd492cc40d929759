import type { Image, ImageData } from "./image.ts";

/** A new array of the same type. */
export function newData<D extends ImageData>(like: D, length: number): D {
  return (like instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length)) as D;
}

/** An array of the same type over all of a buffer. */
export function dataIn<D extends ImageData>(buffer: ArrayBuffer, like: D): D {
  return (like instanceof Uint8Array ? new Uint8Array(buffer) : new Float32Array(buffer)) as D;
}

/** An image's shape and type, for messages: `28 × 28 × 1 uint8`. */
export function describe({ data, height, width, channels }: Image): string {
  const type = data instanceof Uint8Array ? "uint8" : "float32";
  return `${height} × ${width} × ${channels} ${type}`;
}

/**
 * Refuses an image of no samples, or one whose shape is not that of its data.
 *
 * @throws {RangeError} As `the image is 28 × 28 × 1 uint8 and has 783 samples`.
 */
export function checkImage(image: Image): void {
  const { data, height, width, channels } = image;
  const isShape = isLength(height) && isLength(width) && isLength(channels);
  if (isShape && data.length === height * width * channels) return;
  throw new RangeError(`the image is ${describe(image)} and has ${data.length} samples`);
}

const isLength = (n: number): boolean => Number.isInteger(n) && n > 0;

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
