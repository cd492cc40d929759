import { newArray } from "../stage/_arrays.ts";
import type { Batch } from "./batch.ts";
import type { Image, ImageData } from "./image.ts";

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

/**
 * Refuses an image that is not of bytes, or whose channels are not those of RGBA or fewer.
 *
 * @param action What is to be done with it: `encode image as PNG`.
 * @throws {TypeError} When the image is of floats.
 * @throws {RangeError} When it has more than 4 channels, or its shape isn't that of its data.
 */
export function checkByteImage(
  action: string,
  image: Image,
): asserts image is Image<Uint8Array<ArrayBuffer>> {
  try {
    checkImage(image);
  } catch (error) {
    throw new RangeError(`Cannot ${action}: ${(error as Error).message}`);
  }
  if (!(image.data instanceof Uint8Array)) {
    throw new TypeError(`Cannot ${action} as it is ${describe(image)}: it must be of bytes`);
  }
  if (image.channels <= 4) return;
  throw new RangeError(
    `Cannot ${action} as it has ${image.channels} channels: there must be 1 to 4`,
  );
}

const isLength = (n: number): boolean => Number.isInteger(n) && n > 0;

/** An image of one channel with that channel several times; the image itself where once is enough. */
export function repeatChannel<D extends ImageData>(image: Image<D>, channels: number): Image<D> {
  if (channels === 1) return image;
  const { data, height, width } = image;
  const output = newArray(data, data.length * channels);
  for (let i = 0, to = 0; i < data.length; i++) {
    const sample = data[i]!;
    for (let c = 0; c < channels; c++) output[to++] = sample;
  }
  return { data: output, height, width, channels };
}

/**
 * Refuses a batch whose arrays don't fit its shape.
 *
 * @throws {TypeError} As `the batch has no labels`.
 * @throws {RangeError} As `the batch of 2 is 2 × 3 × 3 × 1 and has 17 samples and 2 labels`.
 */
export function checkBatch({ images: { data, shape }, labels, size }: Batch): void {
  // Whoever isn't held to types may give a batch of blends, which has others.
  if (!labels) throw new TypeError("the batch has no labels");
  const samples = shape.reduce((a, b) => a * b, 1);
  if (
    shape.every(isLength) && shape[0] === size && labels.length === size && data.length === samples
  ) return;
  throw new RangeError(
    `the batch of ${size} is ${
      shape.join(" × ")
    } and has ${data.length} samples and ${labels.length} labels`,
  );
}

/** Throws a RangeError for a part of a batch, which isn't mixed with the others. */
export function checkWhole({ part, size }: Batch): void {
  if (!part) return;
  throw new RangeError(
    `it has ${size} images of a batch of ${part.whole}, and all of them are mixed with each other: give it whole batches`,
  );
}
