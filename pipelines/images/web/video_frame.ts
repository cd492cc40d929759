/**
 * `VideoFrame` of WebCodecs to images, and back.
 *
 * @module
 */

import { checkNumber } from "../../_arguments/check_number.ts";
import { type ImageOrientation, orientImage } from "../../codecs/orient_image.ts";
import { checkByteImage } from "../../data/_image_data.ts";
import type { Image } from "../../data/image.ts";
import { drawPixels } from "./_canvas.ts";
import { checkWanted, gatherRgba, makeUnsupported, spreadToRgba } from "./_rgba.ts";
import type { FrameSource, ReadWebImageOptions, WebVideoFrame } from "./web_image.ts";

export type { Image, ImageData } from "../../data/image.ts";
export type { FrameSource, ReadWebImageOptions, WebVideoFrame } from "./web_image.ts";

/**
 * Makes an image of a `VideoFrame`, of a camera, a decoder or a track: of the part that is to be seen, turned and mirrored as the
 * frame says where the runtime tells, in the pixels that it has (a display size of another shape, as of pixels that are not
 * square, is left to {@linkcode resizeImage}).
 *
 * Frames of RGB (`RGBA`, `RGBX`, `BGRA`, `BGRX`) give exactly their bytes, not premultiplied. Those of other formats (`I420`,
 * `NV12`, …) the browser converts to RGB of sRGB by the matrix and the range that the frame names; where it can't, or tells no
 * format, the frame is drawn on an `OffscreenCanvas`.
 *
 * The frame stays the caller's, who closes it once the promise has settled: a camera stops where frames are left open.
 *
 * @example Usage
 * ```ts ignore
 * import { readVideoFrame, resizeImage } from "@rill/rill/pipelines";
 *
 * const { readable } = new MediaStreamTrackProcessor({ track });
 * for await (const frame of readable) {
 *   const image = await readVideoFrame(frame, { channels: 3 }).finally(() => frame.close());
 *   show(await predict(resizeImage(image, { height: 224, width: 224 })));
 * }
 * ```
 *
 * @param frame The frame.
 * @param options The channels of the image; where they aren't given, 4 for a format with alpha and 3 for others.
 * @returns The image. The promise is rejected with a `DOMException` where the frame was closed (`InvalidStateError`), or the
 * runtime can neither convert nor draw it (`NotSupportedError`).
 * @throws {RangeError} When `channels` is neither 1, 3 nor 4.
 */
export function readVideoFrame(
  frame: FrameSource,
  options: ReadWebImageOptions = {},
): Promise<Image<Uint8Array<ArrayBuffer>>> {
  checkWanted("a VideoFrame", options);
  return read(frame, options.channels);
}

async function read(
  frame: FrameSource,
  wanted: 1 | 3 | 4 | undefined,
): Promise<Image<Uint8Array<ArrayBuffer>>> {
  const { format, visibleRect, rotation = 0, flip = false } = frame;
  if (!visibleRect) {
    throw new DOMException("Cannot read a VideoFrame as it is closed", "InvalidStateError");
  }
  const { height, width } = visibleRect;
  const channels = wanted ?? (format?.includes("A") ? 4 : 3);
  const data = format && format in RGB_FORMATS
    ? await copyRgb(frame, format, height * width * 4)
    : await convert(frame, height * width * 4);
  if (data) {
    const image = gatherRgba(data, height, width, channels);
    return orientImage(image, ORIENTATIONS[rotation]?.[flip ? 1 : 0] ?? 1);
  }
  // What is drawn is turned by the browser.
  const size = rotation % 180 === 0 ? { height, width } : { height: width, width: height };
  const drawn = drawPixels(frame, size);
  if (!drawn) throw makeUnsupported(`read a VideoFrame of ${format}`, "OffscreenCanvas");
  return gatherRgba(drawn, size.height, size.width, channels);
}

/** The formats of RGB: whether blue comes first, and whether the fourth byte is alpha. */
const RGB_FORMATS: Readonly<Record<string, readonly [isBgr: boolean, hasAlpha: boolean]>> = {
  RGBA: [false, true],
  RGBX: [false, false],
  BGRA: [true, true],
  BGRX: [true, false],
};

/** The orientations, as EXIF numbers them, by degrees clockwise, without and with a mirror after them. */
const ORIENTATIONS: Readonly<Record<number, readonly [ImageOrientation, ImageOrientation]>> = {
  0: [1, 2],
  90: [6, 5],
  180: [3, 4],
  270: [8, 7],
};

/**
 * Copies pixels of RGB as they are stored. The browser would convert them to RGBA, too, but through premultiplied ones, and with
 * the fourth byte of those that have no alpha taken for one.
 */
async function copyRgb(
  frame: FrameSource,
  format: string,
  size: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const data = new Uint8Array(size);
  await frame.copyTo(data);
  const [isBgr, hasAlpha] = RGB_FORMATS[format]!;
  for (let at = 0; at < size; at += 4) {
    if (isBgr) [data[at], data[at + 2]] = [data[at + 2]!, data[at]!];
    if (!hasAlpha) data[at + 3] = 255;
  }
  return data;
}

/** Has the runtime convert pixels to RGBA. Gives undefined where it doesn't. */
async function convert(
  frame: FrameSource,
  size: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const options = { format: "RGBA", colorSpace: "srgb" };
  try {
    if (frame.format === null || frame.allocationSize(options) !== size) return undefined;
    const data = new Uint8Array(size);
    const planes = await frame.copyTo(data, options);
    // A runtime that knows no conversion copies the frame's own planes.
    return Array.isArray(planes) && planes.length === 1 ? data : undefined;
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotSupportedError") return undefined;
    throw error;
  }
}

/** Options of {@linkcode toVideoFrame}. */
export interface VideoFrameOptions {
  /** When the frame is to be shown, in microseconds. */
  readonly timestamp: number;
  /** How long, in microseconds; not said where it isn't given. */
  readonly duration?: number;
}

/**
 * Makes a `VideoFrame` of an image of bytes, for an encoder or a track: of RGBA where the image has a channel of alpha, which is not
 * premultiplied, and else of RGBX; in sRGB.
 *
 * @example Usage
 * ```ts ignore
 * import { toVideoFrame } from "@rill/rill/pipelines";
 *
 * const frame = toVideoFrame(image, { timestamp: 0 });
 * encoder.encode(frame);
 * frame.close();
 * ```
 *
 * @param image The image, of 1 (gray), 2 (gray and alpha), 3 (RGB) or 4 channels (RGBA).
 * @param options The frame's time.
 * @returns The frame, for the caller to close.
 * @throws {TypeError} When the image is of floats.
 * @throws {RangeError} When it has more channels, its shape isn't that of its data, or a time isn't a number.
 * @throws {DOMException} When the runtime has no `VideoFrame`, as Deno and Node haven't: a `NotSupportedError`.
 */
export function toVideoFrame(
  image: Image,
  { timestamp, duration }: VideoFrameOptions,
): WebVideoFrame {
  const action = `make a VideoFrame at ${timestamp}`;
  checkNumber(action, "timestamp", timestamp, { min: -Number.MAX_VALUE });
  if (duration !== undefined) checkNumber(action, "duration", duration, { min: 0 });
  checkByteImage("make a VideoFrame of the image", image);
  const { data, height, width, hasAlpha } = spreadToRgba(image);
  const { VideoFrame } = globalThis as unknown as {
    VideoFrame?: new (data: Uint8ClampedArray<ArrayBuffer>, init: object) => object;
  };
  if (!VideoFrame) throw makeUnsupported("make a VideoFrame", "VideoFrame");
  return new VideoFrame(data, {
    format: hasAlpha ? "RGBA" : "RGBX",
    codedHeight: height,
    codedWidth: width,
    timestamp,
    ...duration !== undefined && { duration },
    colorSpace: {
      primaries: "bt709",
      transfer: "iec61966-2-1",
      matrix: "rgb",
      fullRange: true,
    },
  }) as WebVideoFrame;
}
