import { inflateSync } from "node:zlib";
import type { Image, ImageOrientation } from "@rill/rill/pipelines";

// What `references/make_orientations.py` has made.
const read = (name: string) => Deno.readFileSync(new URL(`references/${name}`, import.meta.url));
const pieces = read("orientations.bin");

type Place = readonly [at: number, length: number];
type Shape = readonly [height: number, width: number, channels: number];

/** A file with an orientation, and what Pillow makes of it. */
export interface OrientedFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly orientation: ImageOrientation;
  /** The shape as it is stored. */
  readonly stored: Shape;
  /** What `ImageOps.exif_transpose` gives. */
  readonly turned: Image<Uint8Array<ArrayBuffer>>;
}

const slice = ([at, length]: Place) => pieces.slice(at, at + length);

/** All such files. */
export const orientedFiles: readonly OrientedFile[] = JSON.parse(
  new TextDecoder().decode(read("orientations.json")),
).images.map(
  ({ name, orientation, bytes, stored, shape, pixels }: {
    readonly name: string;
    readonly orientation: ImageOrientation;
    readonly bytes: Place;
    readonly stored: Shape;
    readonly shape: Shape;
    readonly pixels: Place;
  }) => ({
    name,
    orientation,
    bytes: slice(bytes),
    stored,
    turned: {
      data: new Uint8Array(inflateSync(slice(pixels))),
      height: shape[0],
      width: shape[1],
      channels: shape[2],
    },
  }),
);

/** One of them. */
export const orientedFile = (name: string): OrientedFile =>
  orientedFiles.find((file) => file.name === name)!;
