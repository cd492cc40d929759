import { checkInteger } from "../_arguments/check_integer.ts";
import type { ImageRegion } from "../data/encoded_image.ts";
import type { Image } from "../data/image.ts";
import { newArray } from "../stage/_arrays.ts";
import type { Allocate } from "../stage/allocate.ts";
import { convertChannels } from "./_channels.ts";
import {
  describeUnknown,
  detectFormat,
  type ImageFacts,
  type ImageFormat,
  ImageProblem,
  readExtension,
} from "./_image_header.ts";
import { checkJpegData, readJpeg } from "./_jpeg_header.ts";
import { decodeJpeg } from "./_libjpeg.ts";
import { readPng } from "./_png_chunks.ts";
import { decodePng } from "./_png_samples.ts";
import { copyRegion, findStored } from "./_region.ts";
import { createWasmDecoder } from "./_wasm_codec.ts";
import { placeFrame, readWebp, type Webp } from "./_webp_header.ts";
import type { DecodeImageBytesOptions } from "./decode_image_options.ts";
import { ImageError } from "./image_error.ts";
import { orientImage } from "./orient_image.ts";

/**
 * Makes a decoder of images.
 *
 * @returns A function that decodes the content of a file, whose path it takes for errors; or a region of it, into an array
 * that a function makes.
 * @throws {RangeError} When `channels` is neither 1 nor 3, `maxSamples` is not an integer of at least 1, or
 * `orientation` is unknown.
 */
export function createImageDecoder(
  { channels, maxSamples = 2 ** 28, strictExtension = false, orientation = "apply" }: Omit<
    DecodeImageBytesOptions,
    "source" | "region"
  >,
): (
  bytes: Uint8Array,
  source?: string | undefined,
  region?: ImageRegion | undefined,
  allocate?: Allocate,
) => Promise<Image<Uint8Array<ArrayBuffer>>> {
  checkInteger(`decode images of up to ${maxSamples} samples`, "maximum", maxSamples, { min: 1 });
  if (channels !== undefined && channels !== 1 && channels !== 3) {
    throw new RangeError(`Cannot decode images to ${channels} channels: they must be 1 or 3`);
  }
  if (orientation !== "apply" && orientation !== "ignore") {
    throw new RangeError(
      `Cannot decode images with orientation ${orientation}: it must be "apply" or "ignore"`,
    );
  }
  const settings = { wanted: channels, maxSamples, isOriented: orientation === "apply" };
  return async (bytes, source, region, allocate = newArray) => {
    const format = detectFormat(bytes);
    try {
      if (!format) throw new ImageProblem(describeUnknown(bytes));
      const named = strictExtension && source !== undefined ? readExtension(source) : undefined;
      if (named && named !== format) {
        throw new ImageProblem(`it is ${format} where its extension is that of ${named}`);
      }
      return await decode(format, bytes, { ...settings, region, allocate });
    } catch (error) {
      if (!(error instanceof ImageProblem)) throw error;
      const { message, cause } = error;
      throw new ImageError(message, { source, format, cause });
    }
  };
}

interface Task {
  /** The channels of the result; those of the file where that doesn't matter. */
  readonly wanted: 1 | 3 | undefined;
  readonly maxSamples: number;
  readonly isOriented: boolean;
  readonly region: ImageRegion | undefined;
  /** Makes the array of the result, where nothing is to be done with it after decoding. */
  readonly allocate: Allocate;
}

async function decode(
  format: ImageFormat,
  bytes: Uint8Array,
  { wanted, maxSamples, isOriented, region, allocate }: Task,
): Promise<Image<Uint8Array<ArrayBuffer>>> {
  const check = <H extends ImageFacts>(header: H): H => {
    const { height, width } = header;
    // The samples that are decoded first count, which converting to fewer channels does not make cheaper.
    const samples = height * width * Math.max(header.channels, wanted ?? 0);
    if (samples <= maxSamples) return header;
    throw new ImageProblem(
      `its header promises ${height} × ${width} × ${header.channels} samples: ` +
        `there may be ${maxSamples}`,
    );
  };
  const find = (header: ImageFacts): ImageRegion =>
    region
      ? findStored(region, header, isOriented ? header.orientation : 1)
      : { top: 0, left: 0, height: header.height, width: header.width };
  /** Gives an image of decoded samples, with the channels and the orientation that are wanted. */
  const convert = (
    { channels, orientation }: ImageFacts,
    { height, width }: ImageRegion,
    data: Uint8Array<ArrayBuffer>,
    from = channels,
  ): Image<Uint8Array<ArrayBuffer>> => {
    const to = wanted ?? channels;
    const image = { data: convertChannels(data, from, to), height, width, channels: to };
    return isOriented ? orientImage(image, orientation) : image;
  };
  switch (format) {
    case "PNG": {
      const png = check(readPng(bytes));
      const part = find(png);
      return convert(png, part, copyRegion(await decodePng(png), part, png, png.channels));
    }
    case "JPEG": {
      const jpeg = check(readJpeg(bytes));
      checkJpegData(jpeg);
      const part = find(jpeg);
      const isDone = (wanted ?? jpeg.channels) === jpeg.channels &&
        (!isOriented || jpeg.orientation === 1);
      return convert(jpeg, part, await decodeJpeg(bytes, jpeg, part, isDone ? allocate : newArray));
    }
    case "WebP": {
      const webp = check(readWebp(bytes));
      const part = find(webp);
      return convert(webp, part, copyRegion(await decodeWebp(webp), part, webp, 4), 4);
    }
  }
}

async function decodeWebp(webp: Webp): Promise<Uint8Array<ArrayBuffer>> {
  const { frame } = webp;
  const { pixels, warnings } = await decodeWebpFile(frame.bytes);
  const [damage] = warnings;
  if (damage !== undefined) throw new ImageProblem(`its data is damaged: ${damage}`);
  if (pixels.height !== frame.height || pixels.width !== frame.width) {
    throw new ImageProblem("its header has one size and its data another");
  }
  return placeFrame(webp, new Uint8Array(pixels.data.buffer as ArrayBuffer));
}

const decodeWebpFile = createWasmDecoder(
  async () => (await import("@jsquash/webp/codec/dec/webp_dec.js")).default,
  () => import.meta.resolve("@jsquash/webp/codec/dec/webp_dec.wasm"),
);
