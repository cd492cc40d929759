/**
 * Changes the lighting of images at random, as AlexNet was trained.
 *
 * @module
 */

import { checkNumber } from "../../_arguments/check_number.ts";
import { pluralize } from "../../_arguments/text.ts";
import { checkPerChannel } from "../../data/_channels.ts";
import { checkImage } from "../../data/_image_data.ts";
import type { Example } from "../../data/example.ts";
import type { Image, ImageData } from "../../data/image.ts";
import { seedDraws } from "../../random/_draws.ts";
import { makeRandomStage } from "../../random/_random_stage.ts";
import type { RandomOptions } from "../../random/random_options.ts";
import { newArray } from "../../stage/_arrays.ts";
import { withImage } from "../_map_images.ts";

export type { RandomOptions } from "../../random/random_options.ts";
export { StageError } from "../../stage/stage_error.ts";

/** Options of {@linkcode pcaLighting}. */
export interface PcaLightingOptions extends RandomOptions {
  /**
   * The standard deviation of the random factors.
   *
   * @default {0.1}
   */
  readonly std?: number;
  /**
   * The eigenvalues of the covariance of the data set's samples, on a scale from 0 to 1.
   *
   * @default {those of ImageNet's RGB: [0.2175, 0.0188, 0.0045]}
   */
  readonly eigenvalues?: readonly number[];
  /**
   * `eigenvectors[channel][k]`: the channels of the eigenvector that belongs to `eigenvalues[k]`.
   *
   * @default {those of ImageNet's RGB}
   */
  readonly eigenvectors?: readonly (readonly number[])[];
}

/**
 * Changes the lighting of images at random, as in the AlexNet paper ("ImageNet Classification with Deep Convolutional
 * Neural Networks", 4.1): adds the same color to all pixels of an image: the sum of the eigenvectors of the data set's
 * colors, each times its eigenvalue and a normally distributed factor of the image. The default decomposition is that
 * of ImageNet which Facebook's `fb.resnet.torch` made known.
 *
 * Bytes are on a scale from 0 to 255, rounded to the nearest and clipped; floats are on one from 0 to 1, as
 * {@linkcode toFloat} makes them, and not clipped. An example of bytes that does not change is passed on as it is.
 * Holds one example.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, pcaLighting } from "@rill/rill/pipelines";
 *
 * const example: Example = {
 *   image: { data: new Uint8Array(32 * 32 * 3), height: 32, width: 32, channels: 3 },
 *   label: 0,
 * };
 * const light = pcaLighting({ std: 0.1, seed: 1, epoch: 0 });
 * const [result] = await collect(light(ReadableStream.from([example])));
 * assertEquals(result?.image.data.length, example.image.data.length);
 * ```
 *
 * @param options The decomposition, the strength of the change, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that has another number of channels than there
 * are eigenvalues, or whose shape does not fit its data.
 * @throws {RangeError} When `std` is not a number of at least 0, eigenvalues and eigenvectors are not finite, or the
 * eigenvectors are not as many and as long as the eigenvalues, or `seed` or `epoch` is not an integer of at least 0.
 */
export function pcaLighting(
  {
    std = 0.1,
    eigenvalues = IMAGENET_EIGENVALUES,
    eigenvectors = IMAGENET_EIGENVECTORS,
    ...random
  }: PcaLightingOptions = {},
): <D extends ImageData>(source: AsyncIterable<Example<D>>) => AsyncIterable<Example<D>> {
  checkNumber(`light with an std of ${std}`, "std", std, { min: 0 });
  const count = eigenvalues.length;
  const isSquare = count > 0 && eigenvectors.length === count &&
    eigenvectors.every((row) => row.length === count);
  if (!isSquare || ![...eigenvalues, ...eigenvectors.flat()].every(Number.isFinite)) {
    throw new RangeError(
      `Cannot light with ${pluralize(count, "eigenvalue")} and ${
        pluralize(eigenvectors.length, "row")
      } of eigenvectors: they must be finite and as many as each other, and each row as long`,
    );
  }
  // `steps[channel][k]`: the amount that factor `k` adds to a channel.
  const steps = eigenvectors.map((row) => row.map((x, k) => x * eigenvalues[k]! * std));
  const drawsOf = seedDraws("pcaLighting", "light", random);
  return <D extends ImageData>(source: AsyncIterable<Example<D>>) =>
    makeRandomStage(drawsOf, {
      name: "light",
      each: (example: Example<D>, draws) => {
        const { image } = example;
        checkImage(image);
        checkPerChannel(image, count, "eigenvalue");
        const factors = steps.map(() => draws.normal());
        const color = steps.map((row) => row.reduce((sum, step, k) => sum + step * factors[k]!, 0));
        return withImage(example, addColor(image, color));
      },
    })(source);
}

/** Adds a color, on a scale to 1, to each pixel. */
function addColor<D extends ImageData>(image: Image<D>, color: readonly number[]): Image<D> {
  const { data, height, width, channels } = image;
  const isBytes = data instanceof Uint8Array;
  if (color.every((c) => isBytes ? Math.abs(255 * c) < 0.5 : c === 0)) return image;
  const output = newArray(data, data.length);
  for (let channel = 0; channel < channels; channel++) {
    const added = color[channel]!;
    if (isBytes) {
      const table = new Uint8ClampedArray(256);
      for (let byte = 0; byte < 256; byte++) table[byte] = Math.floor(byte + 255 * added + 0.5);
      for (let i = channel; i < data.length; i += channels) output[i] = table[data[i]!]!;
    } else {
      for (let i = channel; i < data.length; i += channels) output[i] = data[i]! + added;
    }
  }
  return { data: output, height, width, channels };
}

const IMAGENET_EIGENVALUES = [0.2175, 0.0188, 0.0045];
const IMAGENET_EIGENVECTORS = [
  [-0.5675, 0.7192, 0.4009],
  [-0.5808, -0.0045, -0.8140],
  [-0.5836, -0.6948, 0.4203],
];
