/**
 * Turns images of bytes into floats from 0 to 1.
 *
 * @module
 */

import { checkImage } from "../data/_image_data.ts";
import type { Example } from "../data/example.ts";
import type { Image } from "../data/image.ts";
import type { Stage } from "../stage/stage.ts";
import { LookUp } from "./_look_up.ts";
import { mapImages } from "./_map_images.ts";

export { StageError } from "../stage/stage_error.ts";

/**
 * Turns bytes into floats from 0 to 1, like torchvision's `ToTensor`: divides each by 255. An example that is already
 * of floats is passed on as it is. Holds one example.
 *
 * To also subtract a mean and divide by a standard deviation, use {@linkcode normalize} alone.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, toFloat } from "@rill/rill/pipelines";
 *
 * const example: Example = {
 *   image: { data: Uint8Array.of(0, 51, 255), height: 1, width: 1, channels: 3 },
 *   label: 0,
 * };
 * const [result] = await collect(toFloat()(ReadableStream.from([example])));
 * assertEquals(result?.image.data, Float32Array.of(0, 0.2, 1));
 * ```
 *
 * @returns The stage. An image whose shape does not fit its data fails the stream with a {@linkcode StageError}.
 */
export function toFloat(): Stage<Example, Example<Float32Array<ArrayBuffer>>> {
  return mapImages("convert", (image: Image, allocate) => {
    checkImage(image);
    if (isOfFloats(image)) return image;
    const { data, height, width, channels } = image;
    const output = allocate(NO_FLOATS, data.length);
    FLOATS.write(data as Uint8Array, output);
    return { data: output, height, width, channels };
  }, { copies: true });
}

const isOfFloats = (image: Image): image is Image<Float32Array<ArrayBuffer>> =>
  image.data instanceof Float32Array;

/** The float of each byte, whatever its channel. */
const FLOATS = /* @__PURE__ */ new LookUp(
  /* @__PURE__ */ Float32Array.from({ length: 256 }, (_, byte) => byte / 255),
  1,
);

const NO_FLOATS = new Float32Array();
