import { imageDecoder } from "./_image_decoder.ts";
import type { Image } from "./image.ts";

/** Options of {@linkcode decodeImageBytes}. */
export interface DecodeImageBytesOptions {
  /**
   * The channels of the result: 1 for grey, 3 for RGB. Without it they are those of the file: 1 grey, 2 grey and alpha,
   * 3 RGB, 4 RGBA.
   *
   * @default {those of the file}
   */
  readonly channels?: 1 | 3;
  /**
   * The most samples that the decoded image may have, height × width × channels. A file whose header says more is refused
   * before anything is decoded.
   *
   * @default {268435456}
   */
  readonly maxSamples?: number;
  /**
   * Whether a file whose extension is that of another format is refused. Without it the extension is not looked at, as
   * data sets are full of such files and all tools decode them.
   *
   * @default {false}
   */
  readonly strictExtension?: boolean;
  /** Where the bytes come from, for errors: a path or an address. */
  readonly source?: string;
}

/**
 * Decodes a PNG, JPEG or WebP file, told by its content, to 8-bit samples: the same as Pillow's, to the bit.
 *
 * Alpha, where `channels` asks for none, is dropped and the colour below it kept, as Pillow's `convert("RGB")` does; grey
 * of RGB is its `convert("L")`, ITU-R 601's luma. Colours of a palette are RGB; a colour that is declared transparent
 * makes a channel of alpha. Of 16 bits the higher 8 are kept, 1, 2 and 4 bits are spread over 8. Profiles, gamma, and the
 * orientation of EXIF are not applied. JPEGs of four channels and animated WebPs are refused.
 *
 * PNG is decoded by Rill on the engine's own zlib, JPEG by MozJPEG and WebP by libwebp in WebAssembly, from `@jsquash`.
 * Deno needs leave to read them from its cache (`--allow-read`), Node must be 20.16 or later, and a bundler must carry
 * `.wasm` files over.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeImageBytes } from "@rill/rill/pipelines/decode-image-bytes";
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
 * @throws {RangeError} When `channels` is neither 1 nor 3, or `maxSamples` not a whole number of at least 1.
 */
export function decodeImageBytes(
  bytes: Uint8Array,
  options: DecodeImageBytesOptions = {},
): Promise<Image<Uint8Array<ArrayBuffer>>> {
  return imageDecoder(options)(bytes, options.source);
}
