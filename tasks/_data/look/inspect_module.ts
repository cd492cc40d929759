import { createHash } from "node:crypto";
import { decodeImageBytes } from "../../../pipelines/codecs/decode_image.ts";
import { type Image, readImageHeader, resizeImage } from "../../../pipelines/mod.ts";
import { describeBad } from "../prepare/bad_records.ts";
import type { UnreadableRecord } from "../sets/data_set.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A record to look at. */
export interface InspectItem {
  readonly record: UnreadableRecord;
  /** The side of a small picture of it to give, in pixels; none where it is 0. */
  readonly thumbnail: number;
}

/** What a record is. */
export interface Inspection {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** The format of its file; undefined where it is stored as pixels. */
  readonly format?: string | undefined;
  /** The hash of its decoded pixels. */
  readonly hash: string;
  readonly thumbnail?: Image<Bytes> | undefined;
}

/** Looks at a record: decodes it whatever its size and channels. Gives the reason where it cannot be decoded. */
export default async function inspectRecord(
  { record, thumbnail }: InspectItem,
): Promise<Inspection | { readonly problem: string }> {
  let image: Image<Bytes>;
  let format: string | undefined;
  if (!("bytes" in record)) image = record.image;
  else {
    if (record.problem !== undefined) return { problem: record.problem };
    try {
      image = await decodeImageBytes(record.bytes, { source: record.path });
      format = readImageHeader(record.bytes).format;
    } catch (error) {
      return { problem: describeBad(error) };
    }
  }
  const { data, height, width, channels } = image;
  const hash = createHash("sha256").update(`${height} ${width} ${channels} `).update(data);
  return {
    ...{ height, width, channels, format },
    hash: hash.digest("hex").slice(0, 32),
    ...thumbnail > 0 && { thumbnail: shrink(image, thumbnail) },
  };
}

/** Fits an image into a square of so many pixels, in three channels; small ones are enlarged without blur. */
function shrink(image: Image<Bytes>, side: number): Image<Bytes> {
  const scale = side / Math.max(image.height, image.width);
  const { data, height, width, channels } = resizeImage(image, {
    height: Math.max(1, Math.round(image.height * scale)),
    width: Math.max(1, Math.round(image.width * scale)),
    method: scale > 1 ? "nearest" : "bilinear",
  });
  const rgb = new Uint8Array(3 * height * width);
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      // Gray has one sample for all three; a fourth is alpha.
      rgb[3 * pixel + channel] = data[pixel * channels + (channels < 3 ? 0 : channel)]!;
    }
  }
  return { data: rgb, height, width, channels: 3 };
}
