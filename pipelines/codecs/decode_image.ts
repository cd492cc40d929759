/**
 * Decodes PNG, JPEG and WebP files to images: a single one, or those of a stream.
 *
 * @module
 */

import type { EncodedImage } from "../data/encoded_image.ts";
import type { Example } from "../data/example.ts";
import type { Image } from "../data/image.ts";
import type { Stage } from "../stage/stage.ts";
import { stageOf } from "../stage/stage_of.ts";
import { checkRegion } from "./_region.ts";
import { createImageDecoder } from "./_image_decoder.ts";
import type { DecodeImageBytesOptions, DecodeImageOptions } from "./decode_image_options.ts";

export type { EncodedImage, ImageRegion } from "../data/encoded_image.ts";
export { StageError } from "../stage/stage_error.ts";
export { ImageError, type ImageErrorFacts } from "./image_error.ts";
export type { DecodeImageBytesOptions, DecodeImageOptions } from "./decode_image_options.ts";

/**
 * Decodes PNG, JPEG and WebP files, whose formats are detected by their content, to examples of 8-bit samples, as
 * {@linkcode decodeImageBytes} does; of a file with a `region`, as {@linkcode randomRegion} chooses it, no more than that. Holds
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
 * @param options The channels of the images, their orientation, and the limits.
 * @returns The stage. A file that cannot be decoded fails the stream with a {@linkcode StageError}, which has the
 * position, and whose cause is an {@linkcode ImageError}, which has the path and the reason.
 * @throws {RangeError} When `channels` is neither 1 nor 3, `maxSamples` is not an integer of at least 1, or
 * `orientation` is neither `apply` nor `ignore`.
 */
export function decodeImage(
  options: DecodeImageOptions = {},
): Stage<EncodedImage, Example<Uint8Array<ArrayBuffer>>> {
  const decode = createImageDecoder(options);
  return stageOf({
    name: "decode",
    each: async ({ bytes, label, path, region }: EncodedImage, _, allocate) => {
      if (region) checkRegion(region);
      return { image: await decode(bytes, path, region, allocate), label };
    },
  });
}

/**
 * Decodes a PNG, JPEG or WebP file, whose format is detected by its content, to 8-bit samples: the same as Pillow's, to
 * the bit, except for gray PNGs of 16 bits, of which Pillow's `convert("L")` makes white where they are not nearly black.
 *
 * Where `channels` leaves out alpha, it is dropped and the color below it kept, as Pillow's `convert("RGB")` does; the
 * gray of RGB is that of `convert("L")`, ITU-R 601's luma. Palettes become RGB; a transparent color becomes a channel
 * of alpha. Of 16 bits the higher 8 are kept; 1, 2 and 4 bits are spread over 8. Color profiles and gamma
 * are not applied; the orientation of EXIF is, as Pillow's `ImageOps.exif_transpose` does, unless `orientation` is `ignore`.
 * EXIF that is broken, or in no block of its own (XMP), changes nothing. JPEGs of CMYK become RGB as Pillow's `convert("RGB")` makes it, and of an animation
 * the first frame is given. JPEGs of 12 bits and lossless ones are refused.
 *
 * A JPEG is refused, too, where its compressed data holds bytes that no sample needs: as a rule samples before them are
 * wrong. A PNG's checksums must be right; what comes behind its samples is left.
 *
 * Rill decodes PNG itself on the engine's own zlib. JPEG is decoded by libjpeg-turbo in WebAssembly, which takes SIMD and
 * comes with this module; it keeps up to 64 MiB of memory for the next image. WebP is decoded by libwebp in WebAssembly,
 * from `@jsquash/webp`: for it Deno needs permission to read from its cache (`--allow-read`), Node must be 20.16 or later,
 * and a bundler must include its `.wasm` file. This software is based in part on the work of the Independent JPEG Group.
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
 * @param options The channels of the image, its orientation, and the limits.
 * @returns The image. The promise is rejected with an {@linkcode ImageError} when the file has another format,
 * is damaged, cut short, or too large, or has no such region.
 * @throws {RangeError} When `channels` is neither 1 nor 3, `maxSamples` is not an integer of at least 1, `orientation` is
 * neither `apply` nor `ignore`, or a number of `region` is not an integer of at least 0, or 1.
 */
export function decodeImageBytes(
  bytes: Uint8Array,
  options: DecodeImageBytesOptions = {},
): Promise<Image<Uint8Array<ArrayBuffer>>> {
  const { region, source } = options;
  if (region) checkRegion(region);
  return createImageDecoder(options)(bytes, source, region);
}

/**
 * Decodes a PNG, JPEG or WebP file in a `Blob`, such as one that was chosen on a page, dropped or fetched, as
 * {@linkcode decodeImageBytes} does: to the same bytes in every browser, which `createImageBitmap` doesn't promise. The type that
 * the blob says it has doesn't matter.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeImageBlob } from "@rill/rill/pipelines";
 * import { decodeImageBlob } from "@rill/rill/pipelines/decode-image";
 *
 * const image = { data: Uint8Array.of(0, 255), height: 1, width: 2, channels: 1 };
 * const blob = await encodeImageBlob(image); // Or input.files[0], or await response.blob().
 * assertEquals(await decodeImageBlob(blob), image);
 * ```
 *
 * @param blob The file. A `File` has a name, which stands in errors where `source` isn't given.
 * @param options The channels of the image, its orientation, and the limits.
 * @returns The image. The promise is rejected with an {@linkcode ImageError} when the file has another format,
 * is damaged, cut short, or too large, or has no such region.
 * @throws {RangeError} When `channels` is neither 1 nor 3, `maxSamples` is not an integer of at least 1, `orientation` is
 * neither `apply` nor `ignore`, or a number of `region` is not an integer of at least 0, or 1.
 */
export function decodeImageBlob(
  blob: Blob & { readonly name?: string },
  options: DecodeImageBytesOptions = {},
): Promise<Image<Uint8Array<ArrayBuffer>>> {
  const { region } = options;
  if (region) checkRegion(region);
  const decode = createImageDecoder(options);
  return blob.arrayBuffer().then((buffer) =>
    decode(new Uint8Array(buffer), options.source ?? blob.name, region)
  );
}
