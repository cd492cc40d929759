import { gunzipSync } from "node:zlib";

/** What `references/make_sources.py` made. */
interface Listing {
  readonly archives: readonly {
    readonly name: string;
    readonly bytes: Place;
    readonly files: readonly (readonly [name: string, hex: string])[];
  }[];
  readonly images: readonly {
    readonly name: string;
    readonly bytes: Place;
    readonly shape: readonly [height: number, width: number, channels: number];
    readonly pixels: Place;
  }[];
  readonly converted: readonly {
    readonly name: string;
    readonly channels: 1 | 3;
    readonly pixels: Place;
  }[];
  readonly tables: readonly {
    readonly name: string;
    readonly separator: string;
    readonly bytes: Place;
    readonly rows: readonly (readonly string[])[];
  }[];
}

type Place = readonly [offset: number, length: number];

const read = (name: string) => Deno.readFileSync(new URL(`references/${name}`, import.meta.url));

const pieces = read("sources.bin");

/** Archives, images and tables, and what Python makes of them. */
export const sources: Listing = JSON.parse(new TextDecoder().decode(read("sources.json")));

/** The bytes of a place in the listing. */
export const bytesAt = ([offset, length]: Place): Uint8Array<ArrayBuffer> =>
  pieces.slice(offset, offset + length);

/** An archive of the listing. */
export function archive(name: string): Uint8Array<ArrayBuffer> {
  const found = sources.archives.find((archive) => archive.name === name)!;
  return new Uint8Array(gunzipSync(bytesAt(found.bytes)));
}

/** An image file of the listing. */
export const imageFile = (name: string): Uint8Array<ArrayBuffer> =>
  bytesAt(sources.images.find((image) => image.name === name)!.bytes);

/** Text as bytes. */
export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Pieces of bytes as one. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Bytes as gzip. */
export async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A valid file that was cut short, or some bytes of which were changed. */
export interface Damage {
  readonly cut: number;
  readonly flips: readonly (readonly [at: number, by: number])[];
}

/** Does damage to a file. Places are parts of the file's length. */
export function damaged(file: Uint8Array, { cut, flips }: Damage): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(file);
  for (const [at, by] of flips) bytes[Math.floor(at * bytes.length)]! ^= by;
  return bytes.slice(0, Math.ceil(cut * bytes.length));
}
