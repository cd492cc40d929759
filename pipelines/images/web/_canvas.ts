import { readPng } from "../../codecs/_png_chunks.ts";
import { decodePng } from "../../codecs/_png_samples.ts";
import type { Image } from "../../data/image.ts";
import { makeUnsupported, spreadToRgba } from "./_rgba.ts";
import { toImageData } from "./image_data.ts";
import type { BitmapSource } from "./web_image.ts";

/** What of canvases is used here. */
interface Canvas {
  getContext(kind: "2d", options: object): Context2d | null;
  getContext(kind: "bitmaprenderer"): { transferFromImageBitmap(bitmap: object): void } | null;
  convertToBlob(options?: object): Promise<Blob>;
}

interface Context2d {
  putImageData(pixels: object, x: number, y: number): void;
  drawImage(source: object, x: number, y: number, width: number, height: number): void;
  getImageData(x: number, y: number, width: number, height: number, options: object): {
    readonly data: Uint8ClampedArray<ArrayBuffer>;
  };
}

interface Canvases {
  readonly OffscreenCanvas?: new (width: number, height: number) => Canvas;
  createImageBitmap(source: object): Promise<object>;
}

/**
 * Draws a picture and reads it back, where a runtime can draw.
 *
 * @returns RGBA, not premultiplied; undefined where there is nothing to draw on.
 */
export function drawPixels(
  source: object,
  { height, width }: BitmapSource,
): Uint8Array<ArrayBuffer> | undefined {
  const { OffscreenCanvas } = globalThis as unknown as Canvases;
  // Drawn by the processor, as it is read at once: the bytes then don't depend on a device.
  const context = OffscreenCanvas &&
    new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) return undefined;
  context.drawImage(source, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height, { colorSpace: "srgb" });
  return new Uint8Array(data.buffer);
}

/** Reads the pixels of an `ImageBitmap` where nothing can be drawn, as in Deno: by the PNG of a canvas that shows a copy of it. */
export async function encodePixels(
  bitmap: object,
  { height, width }: BitmapSource,
): Promise<Uint8Array<ArrayBuffer>> {
  const { OffscreenCanvas, createImageBitmap } = globalThis as unknown as Canvases;
  const canvas = OffscreenCanvas && new OffscreenCanvas(width, height);
  const renderer = canvas?.getContext("bitmaprenderer");
  if (!canvas || !renderer) throw makeUnsupported("read an ImageBitmap", "OffscreenCanvas");
  // What is shown is taken away. Deno copies as it is where nothing is said of alpha; at "none" it would divide by it.
  const copy = await createImageBitmap(bitmap);
  renderer.transferFromImageBitmap(copy);
  const blob = await canvas.convertToBlob();
  const png = readPng(new Uint8Array(await blob.arrayBuffer()));
  const { channels } = png;
  const { data } = spreadToRgba({ data: await decodePng(png), height, width, channels });
  return new Uint8Array(data.buffer);
}

/** Encodes an image as a file by the runtime's own encoder. */
export async function encodeByCanvas(
  image: Image<Uint8Array<ArrayBuffer>>,
  type: string,
  quality: number | undefined,
): Promise<Blob> {
  const { OffscreenCanvas } = globalThis as unknown as Canvases;
  const canvas = OffscreenCanvas && new OffscreenCanvas(image.width, image.height);
  const context = canvas?.getContext("2d", {});
  if (!canvas || !context) throw makeUnsupported(`encode image as ${type}`, "canvas for it");
  context.putImageData(toImageData(image), 0, 0);
  const blob = await canvas.convertToBlob({ type, ...quality !== undefined && { quality } });
  // A format that a browser doesn't know becomes PNG without a word.
  if (blob.type !== type) throw makeUnsupported(`encode image as ${type}`, "encoder for it");
  return blob;
}
