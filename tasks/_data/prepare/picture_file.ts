import { type FileHandle, open } from "node:fs/promises";
import type { Image } from "../../../pipelines/mod.ts";
import { writeFileAtomically } from "../../_files/files.ts";

type Picture = Image<Uint8Array<ArrayBuffer>>;

/** What a file of pictures says of itself, at its end. */
export interface PictureFacts {
  /** What it was made of; a file of another key is made anew. */
  readonly key: string;
  readonly channels: number;
  /** Rows of each picture, and pixels in a row. */
  readonly heights: readonly number[];
  readonly widths: readonly number[];
  /** The places, in the split, of its pictures: those that were left out are missing. Null where none was. */
  readonly indices: readonly number[] | null;
}

/** An open file of pictures, of which any can be read. */
export interface PictureFile {
  readonly facts: PictureFacts;
  /** Reads a picture. */
  read(index: number): Promise<Picture>;
  close(): Promise<void>;
}

/** The bytes that say how long the facts are, at the very end. */
const TAIL = 8;

/** The last four bytes of every such file. */
const MAGIC = 0x52494c51;

/**
 * Writes pictures to a file as a whole or not at all: one behind the other, so that each can be read by itself, and then the
 * facts.
 *
 * @param getFacts Asked when all pictures are written.
 */
export async function writePictures(
  path: string,
  pixels: AsyncIterable<Uint8Array>,
  getFacts: () => PictureFacts,
): Promise<void> {
  async function* parts() {
    yield* pixels;
    const facts = new TextEncoder().encode(JSON.stringify(getFacts()));
    yield facts;
    const tail = new Uint8Array(TAIL);
    const view = new DataView(tail.buffer);
    view.setUint32(0, facts.length);
    view.setUint32(4, MAGIC);
    yield tail;
  }
  await writeFileAtomically(path, parts());
}

/** Opens a file of pictures; undefined if there is none, or another one, of that name. */
export async function openPictures(path: string, key: string): Promise<PictureFile | undefined> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch {
    return undefined;
  }
  const found = await readFacts(file).catch(() => undefined);
  if (found?.facts.key !== key) {
    await file.close();
    return undefined;
  }
  const { facts, starts } = found;
  return {
    facts,
    async read(index) {
      const [start, height, width] = [starts[index]!, facts.heights[index]!, facts.widths[index]!];
      const data = new Uint8Array(starts[index + 1]! - start);
      const { bytesRead } = await file.read(data, 0, data.length, start);
      if (bytesRead === data.length) return { data, height, width, channels: facts.channels };
      throw new Error(`Cannot read picture ${index} of ${path}: the file has become shorter`);
    },
    close: () => file.close(),
  };
}

async function readFacts(
  file: FileHandle,
): Promise<{ readonly facts: PictureFacts; readonly starts: Float64Array } | undefined> {
  const { size } = await file.stat();
  const readAt = async (from: number, length: number) => {
    const bytes = new Uint8Array(length);
    await file.read(bytes, 0, length, from);
    return bytes;
  };
  const tail = new DataView((await readAt(size - TAIL, TAIL)).buffer);
  if (tail.getUint32(4) !== MAGIC) return undefined;
  const length = tail.getUint32(0);
  // Of a damaged file it may be gigabytes.
  if (length > size - TAIL) return undefined;
  const end = size - TAIL - length;
  const facts: PictureFacts = JSON.parse(new TextDecoder().decode(await readAt(end, length)));
  const { heights, widths, channels } = facts;
  const starts = new Float64Array(heights.length + 1);
  for (const [i, height] of heights.entries()) {
    starts[i + 1] = starts[i]! + height * widths[i]! * channels;
  }
  return starts.at(-1) === end ? { facts, starts } : undefined;
}
