/**
 * A function of the image alone, on each example of a stream.
 *
 * @module
 */

import type { Example } from "../data/example.ts";
import type { Image, ImageData } from "../data/image.ts";
import type { Stage } from "../stage/stage.ts";
import { mapImages } from "./_map_images.ts";

export type { Example } from "../data/example.ts";
export type { Image, ImageData } from "../data/image.ts";
export { StageError } from "../stage/stage_error.ts";

/**
 * Replaces the image of each example by what a function makes of it, so that each operation on one image is a stage:
 * {@linkcode autoContrastImage}, {@linkcode rotateImage} and the others. Holds one example.
 *
 * @example Usage
 * ```ts
 * import { flow } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { autoContrastImage, collect, mapImage, rotateImage } from "@rill/rill/pipelines";
 *
 * const data = Uint8Array.of(10, 20, 30, 40);
 * const examples = [{ image: { data, height: 2, width: 2, channels: 1 }, label: 3 }];
 * const stage = flow(
 *   mapImage(autoContrastImage),
 *   mapImage((image) => rotateImage(image, { angle: 90 })),
 * );
 * const [result] = await collect(stage(ReadableStream.from(examples)));
 * assertEquals(result?.image.data, Uint8Array.of(85, 255, 0, 170));
 * ```
 *
 * @typeParam A The type of the array of the images that go in.
 * @typeParam B The type of the array of those that come out.
 * @param fn The function. It doesn't change the image that it gets.
 * @returns The stage. An example whose image stays the same is passed on. An error of `fn` fails the stream as a
 * {@linkcode StageError}.
 */
export function mapImage<A extends ImageData, B extends ImageData>(
  fn: (image: Image<A>) => Image<B>,
): Stage<Example<A>, Example<B>> {
  return mapImages("map", (image) => fn(image));
}
