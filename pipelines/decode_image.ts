import { imageDecoder } from "./_image_decoder.ts";
import { mapItems } from "./_map_items.ts";
import type { DecodeImageBytesOptions } from "./decode_image_bytes.ts";
import type { EncodedImage } from "./encoded_image.ts";
import type { Example } from "./example.ts";
import type { Stage } from "./stage.ts";

/** Options of {@linkcode decodeImage}. */
export type DecodeImageOptions = Omit<DecodeImageBytesOptions, "source">;

/**
 * Decodes PNG, JPEG and WebP files, told by their content, to examples of 8-bit samples, as `decodeImageBytes` does. Holds
 * one image.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, type EncodedImage } from "@rill/rill/pipelines";
 * import { decodeImage } from "@rill/rill/pipelines/decode-image";
 *
 * const bytes = Uint8Array.fromBase64(
 *   "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAC0lEQVR4nGNg+A8AAQIBAEK+vGgAAAAASUVORK5CYII=",
 * );
 * const files: EncodedImage[] = [{ bytes, label: 9, path: "boots/1.png" }];
 * const [example] = await collect(decodeImage({ channels: 3 })(ReadableStream.from(files)));
 * assertEquals(example, {
 *   image: { data: Uint8Array.of(0, 0, 0, 255, 255, 255), height: 1, width: 2, channels: 3 },
 *   label: 9,
 * });
 * ```
 *
 * @param options What to make of the images, and what to refuse.
 * @returns The stage. A file that cannot be decoded fails the stream with a `StageError`, which has the position, and whose
 * cause is an `ImageError`, which has the path and the reason.
 * @throws {RangeError} When `channels` is neither 1 nor 3, or `maxSamples` not a whole number of at least 1.
 */
export function decodeImage(
  options: DecodeImageOptions = {},
): Stage<EncodedImage, Example<Uint8Array<ArrayBuffer>>> {
  const decode = imageDecoder(options);
  return mapItems("decode", async ({ bytes, label, path }: EncodedImage) => ({
    image: await decode(bytes, path),
    label,
  }));
}
