import type { ImageOrientation } from "./orient_image.ts";

/** The formats that can be decoded. */
export type ImageFormat = "PNG" | "JPEG" | "WebP";

/** The facts of an image that its file tells before any of it is decoded. */
export interface ImageFacts {
  readonly height: number;
  readonly width: number;
  /** Samples in a pixel: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA. */
  readonly channels: number;
  /** How the stored pixels are to be turned or mirrored. */
  readonly orientation: ImageOrientation;
}

/** A problem of an image, to which the caller adds the image's name. */
export class ImageProblem extends Error {}

/** Makes the problem of a file that ends too early. */
export const makeCutShortProblem = ({ length }: Uint8Array): ImageProblem =>
  new ImageProblem(`it is cut short: it ends after ${length} bytes`);

/** Detects a file's format by its first bytes. */
export function detectFormat(bytes: Uint8Array): ImageFormat | undefined {
  const begins = (at: number, ...signature: number[]) =>
    signature.every((byte, i) => bytes[at + i] === byte);
  if (begins(0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "PNG";
  if (begins(0, 0xff, 0xd8, 0xff)) return "JPEG";
  if (begins(0, 0x52, 0x49, 0x46, 0x46) && begins(8, 0x57, 0x45, 0x42, 0x50)) return "WebP";
  return undefined;
}

/** Describes a file of an unknown format. */
export function describeUnknown(bytes: Uint8Array): string {
  if (bytes.length === 0) return "it is empty";
  const first = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0"));
  return `it is neither PNG, JPEG nor WebP: it begins with ${first.join(" ")}`;
}

/** Gives the format that a file's extension stands for. */
export function readExtension(path: string): ImageFormat | undefined {
  const [, extension] = /\.([^./\\]+)$/.exec(path.toLowerCase()) ?? [];
  return extension === undefined ? undefined : EXTENSIONS.get(extension);
}

const EXTENSIONS: ReadonlyMap<string, ImageFormat> = new Map([
  ["png", "PNG"],
  ["jpg", "JPEG"],
  ["jpeg", "JPEG"],
  ["webp", "WebP"],
]);

/** Reads the four characters that name a chunk of a file. */
export const readTag = (bytes: Uint8Array, at: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + 4));
