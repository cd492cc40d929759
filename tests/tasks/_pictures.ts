import { collect, encodeTar, type Image } from "@rill/rill/pipelines";
import { encodePng } from "../../pipelines/codecs/encode_png.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A small gray picture that no other number gives. */
export const picture = (number: number, side = 6): Image<Bytes> => ({
  data: Uint8Array.from(
    { length: side * side },
    (_, i) => (number * 53 + i * (7 + number % 5)) % 256,
  ),
  height: side,
  width: side,
  channels: 1,
});

/** A picture of three channels. */
export const colored = (number: number, side = 6): Image<Bytes> => ({
  data: Uint8Array.from({ length: 3 * side * side }, (_, i) => (number * 53 + i * 11) % 256),
  height: side,
  width: side,
  channels: 3,
});

/** Writes files, and the folders that they are in. */
export async function writeFiles(
  dir: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = `${dir}/${name}`;
    await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeFile(
      path,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  }
}

/** Makes a tar file of files by name. */
export async function tar(files: Readonly<Record<string, Uint8Array | string>>): Promise<Bytes> {
  const entries = Object.entries(files).map(([name, content]) => ({
    name,
    bytes: typeof content === "string"
      ? new TextEncoder().encode(content)
      : new Uint8Array(content),
  }));
  const chunks = await collect(encodeTar()(ReadableStream.from(entries)));
  return new Uint8Array(await new Blob(chunks as Bytes[]).arrayBuffer());
}

const bigEndian = (n: number) => [n >>> 24, n >>> 16 & 255, n >>> 8 & 255, n & 255];

/** Makes an IDX file of bytes. */
export const idx = (shape: readonly number[], data: ArrayLike<number>): Bytes =>
  Uint8Array.from([0, 0, 8, shape.length, ...shape.flatMap(bigEndian), ...Array.from(data)]);

/** Makes the two IDX files of pictures. */
export function idxFiles(
  prefix: string,
  pictures: readonly (readonly [number: number, label: number])[],
): Record<string, Bytes> {
  const pixels = pictures.flatMap(([number]) => [...picture(number).data]);
  return {
    [`${prefix}-images-idx3-ubyte`]: idx([pictures.length, 6, 6], pixels),
    [`${prefix}-labels-idx1-ubyte`]: idx([pictures.length], pictures.map(([, label]) => label)),
  };
}

/** Encodes a gray picture as PNG. */
export const png = (number: number, side?: number): Promise<Bytes> =>
  encodePng(picture(number, side));
