import { convertChannels } from "../../codecs/_channels.ts";
import type { Image } from "../../data/image.ts";
import type { ReadWebImageOptions } from "./web_image.ts";

/** Pixels of four bytes each, not premultiplied. */
export interface Rgba {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly height: number;
  readonly width: number;
  /** Whether a pixel may be other than opaque, as those of an image with a channel of alpha. */
  readonly hasAlpha: boolean;
}

/** Spreads an image of bytes over RGBA, in new memory. */
export function spreadToRgba(
  { data, height, width, channels }: Image<Uint8Array<ArrayBuffer>>,
): Rgba {
  const rgba = new Uint8ClampedArray(height * width * 4);
  const hasAlpha = channels === 2 || channels === 4;
  if (channels === 4) {
    rgba.set(data);
  } else {
    const [green, blue] = channels === 3 ? [1, 2] : [0, 0];
    for (let to = 0, from = 0; to < rgba.length; to += 4, from += channels) {
      rgba[to] = data[from]!;
      rgba[to + 1] = data[from + green]!;
      rgba[to + 2] = data[from + blue]!;
      rgba[to + 3] = hasAlpha ? data[from + 1]! : 255;
    }
  }
  return { data: rgba, height, width, hasAlpha };
}

/**
 * Makes an image of pixels of four bytes, which it may keep.
 *
 * @param wanted The channels of the image.
 */
export const gatherRgba = (
  data: Uint8Array<ArrayBuffer>,
  height: number,
  width: number,
  wanted: 1 | 3 | 4,
): Image<Uint8Array<ArrayBuffer>> => ({
  data: convertChannels(data, 4, wanted),
  height,
  width,
  channels: wanted,
});

/**
 * Refuses channels that no image is read with.
 *
 * @throws {RangeError} When `channels` is given and neither 1, 3 nor 4.
 */
export function checkWanted(what: string, { channels }: ReadWebImageOptions): void {
  if (channels === undefined || channels === 1 || channels === 3 || channels === 4) return;
  throw new RangeError(`Cannot read ${what} with ${channels} channels: they must be 1, 3 or 4`);
}

/**
 * Makes the error about a part of the web platform that a runtime hasn't.
 *
 * @returns A `DOMException` named `NotSupportedError`, as the platform's own are.
 */
export const makeUnsupported = (action: string, missing: string): DOMException =>
  new DOMException(`Cannot ${action} as this runtime has no ${missing}`, "NotSupportedError");
