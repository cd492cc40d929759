import type { EncodedImage } from "../data/encoded_image.ts";
import type { Example } from "../data/example.ts";
import type { Image } from "../data/image.ts";
import { mapItems } from "../stage/_map_items.ts";
import type { Stage } from "../stage/stage.ts";
import { imageDecoder } from "./_image_decoder.ts";
import type { DecodeImageBytesOptions, DecodeImageOptions } from "./decode_image_options.ts";

export { ImageError, type ImageErrorFacts } from "./image_error.ts";
export type { DecodeImageBytesOptions, DecodeImageOptions } from "./decode_image_options.ts";

/**
 * Decodes PNG, JPEG and WebP files, told by their content, to examples of 8-bit samples, as `decodeImageBytes` does.
 * Holds one image.
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
 * @returns The stage. A file that cannot be decoded fails the stream with a `StageError`, which has the position, and
 * whose cause is an `ImageError`, which has the path and the reason.
 * @throws {RangeError} When `channels` is neither 1 nor 3, or `maxSamples` not an integer of at least 1.
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

/**
 * Decodes a PNG, JPEG or WebP file, told by its content, to 8-bit samples: the same as Pillow's, to the bit.
 *
 * Alpha, where `channels` asks for none, is dropped and the color below it kept, as Pillow's `convert("RGB")` does;
 * gray of RGB is its `convert("L")`, ITU-R 601's luma. Colors of a palette are RGB; a color that is declared
 * transparent makes a channel of alpha. Of 16 bits the higher 8 are kept, 1, 2 and 4 bits are spread over 8. Profiles,
 * gamma, and the orientation of EXIF are not applied. JPEGs of four channels and animated WebPs are refused.
 *
 * PNG is decoded by Rill on the engine's own zlib, JPEG by MozJPEG and WebP by libwebp in WebAssembly, from `@jsquash`.
 * Deno needs leave to read them from its cache (`--allow-read`), Node must be 20.16 or later, and a bundler must carry
 * `.wasm` files over.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeImageBytes } from "@rill/rill/pipelines/decode-image";
 *
 * const png = Uint8Array.fromBase64(
 *   "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAC0lEQVR4nGNg+A8AAQIBAEK+vGgAAAAASUVORK5CYII=",
 * );
 * const image = await decodeImageBytes(png);
 * assertEquals(image, { data: Uint8Array.of(0, 255), height: 1, width: 2, channels: 1 });
 * ```
 *
 * @param bytes The content of the file.
 * @param options What to make of it, and what to refuse.
 * @returns The image. The promise is rejected with an `ImageError` when the file is of none of these formats,
 * damaged, cut short, or too large.
 * @throws {RangeError} When `channels` is neither 1 nor 3, or `maxSamples` not an integer of at least 1.
 */
export function decodeImageBytes(
  bytes: Uint8Array,
  options: DecodeImageBytesOptions = {},
): Promise<Image<Uint8Array<ArrayBuffer>>> {
  return imageDecoder(options)(bytes, options.source);
}
