import mozjpegDec from "@jsquash/jpeg/codec/dec/mozjpeg_dec.js";
import webpDec from "@jsquash/webp/codec/dec/webp_dec.js";
import { toChannels } from "./_channels.ts";
import { checkInteger } from "../_arguments/check_integer.ts";
import {
  formatOf,
  formatOfName,
  type ImageFormat,
  type ImageHeader,
  ImageProblem,
} from "./_image_header.ts";
import { checkJpegData, readJpeg } from "./_jpeg_header.ts";
import { decodePng, readPng } from "./_png.ts";
import { wasmCodec } from "./_wasm_codec.ts";
import { readWebp } from "./_webp_header.ts";
import type { DecodeImageBytesOptions } from "./decode_image_options.ts";
import type { Image } from "../data/image.ts";
import { ImageError } from "./image_error.ts";

/**
 * A function that decodes the content of a file, and its name for errors.
 *
 * @throws {RangeError} When `channels` is neither 1 nor 3, or `maxSamples` not an integer of at least 1.
 */
export function imageDecoder(
  { channels, maxSamples = 2 ** 28, strictExtension = false }: DecodeImageBytesOptions,
): (bytes: Uint8Array, source?: string) => Promise<Image<Uint8Array<ArrayBuffer>>> {
  checkInteger(`decode images of up to ${maxSamples} samples`, "maximum", maxSamples, { min: 1 });
  if (channels !== undefined && channels !== 1 && channels !== 3) {
    throw new RangeError(`Cannot decode images to ${channels} channels: they must be 1 or 3`);
  }
  return async (bytes, source) => {
    const format = formatOf(bytes);
    try {
      if (!format) throw new ImageProblem(noFormat(bytes));
      const named = strictExtension && source !== undefined ? formatOfName(source) : undefined;
      if (named && named !== format) {
        throw new ImageProblem(`it is ${format} where its extension is that of ${named}`);
      }
      return await decode(format, bytes, channels, maxSamples);
    } catch (error) {
      if (!(error instanceof ImageProblem)) throw error;
      const { message, cause } = error;
      throw new ImageError(message, { source, format, cause });
    }
  };
}

async function decode(
  format: ImageFormat,
  bytes: Uint8Array,
  wanted: 1 | 3 | undefined,
  maxSamples: number,
): Promise<Image<Uint8Array<ArrayBuffer>>> {
  const check = <H extends ImageHeader>(header: H): H => {
    const { height, width } = header;
    // What is decoded first counts: neither fewer channels nor a palette's index make it cheaper.
    const samples = height * width * Math.max(header.channels, wanted ?? 0);
    if (samples <= maxSamples) return header;
    throw new ImageProblem(
      `its header promises ${height} × ${width} × ${header.channels} samples: ` +
        `there may be ${maxSamples}`,
    );
  };
  if (format === "PNG") {
    const png = check(readPng(bytes));
    const { height, width, channels } = png;
    const data = await decodePng(png);
    return imageOf(data, height, width, channels, wanted ?? channels);
  }
  let header: ImageHeader;
  if (format === "JPEG") {
    const jpeg = check(readJpeg(bytes));
    checkJpegData(jpeg);
    header = jpeg;
  } else {
    header = check(readWebp(bytes));
  }
  const { pixels, warnings } = await (format === "JPEG" ? decodeJpeg : decodeWebp)(bytes);
  const damage = warnings.find((warning) => !HARMLESS.test(warning));
  if (damage !== undefined) throw new ImageProblem(`its data is damaged: ${damage}`);
  const { height, width } = header;
  if (pixels.height !== height || pixels.width !== width) {
    throw new ImageProblem("its header has one size and its data another");
  }
  const data = new Uint8Array(pixels.data.buffer as ArrayBuffer);
  return imageOf(data, height, width, 4, wanted ?? header.channels);
}

function imageOf(
  data: Uint8Array<ArrayBuffer>,
  height: number,
  width: number,
  from: number,
  to: number,
): Image<Uint8Array<ArrayBuffer>> {
  return { data: toChannels(data, from, to), height, width, channels: to };
}

/** Its option is whether to turn images upright as their EXIF data says; Pillow doesn't unless asked. */
const decodeJpeg = wasmCodec(
  mozjpegDec,
  () => import.meta.resolve("@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm"),
  false,
);
const decodeWebp = wasmCodec(
  webpDec,
  () => import.meta.resolve("@jsquash/webp/codec/dec/webp_dec.wasm"),
);

/** What MozJPEG says of files that are odd, but whole; all tools decode them. */
const HARMLESS = /extraneous bytes before marker|JFIF revision|Adobe color transform/i;

function noFormat(bytes: Uint8Array): string {
  if (bytes.length === 0) return "it is empty";
  const first = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0"));
  return `it is neither PNG, JPEG nor WebP: it begins with ${first.join(" ")}`;
}
