// What `references/make_odd_images.py` has made.
const read = (name: string) => Deno.readFileSync(new URL(`references/${name}`, import.meta.url));
const pieces = read("odd_images.bin");

type Piece = readonly [at: number, length: number];

/** An image that is seldom met, and what Pillow makes of it. */
export interface OddImage {
  readonly name: string;
  readonly bytes: Piece;
  readonly shape: readonly [height: number, width: number, channels: number];
  /** Compressed. */
  readonly pixels: Piece;
}

/** All such images. */
export const oddImages: readonly OddImage[] =
  JSON.parse(new TextDecoder().decode(read("odd_images.json"))).images;

/** Reads a piece of what is stored. */
export const readPiece = ([at, length]: Piece): Uint8Array<ArrayBuffer> =>
  pieces.slice(at, at + length);

/** Reads the file of such an image. */
export const oddFile = (name: string): Uint8Array<ArrayBuffer> =>
  readPiece(oddImages.find((image) => image.name === name)!.bytes);
