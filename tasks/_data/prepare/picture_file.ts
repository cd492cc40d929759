import { type FileHandle, open } from "node:fs/promises";
import { writeFileAtomically } from "../../_files/files.ts";

/** What a file of pictures says of itself, at its end. */
export interface PictureFacts {
  /** What it was made of; a file of another key is made anew. */
  readonly key: string;
  /** The bytes of a picture; all have the same. */
  readonly size: number;
  /** The places, in the split, of its pictures: those that were left out are missing. Null where none was. */
  readonly indices: readonly number[] | null;
  readonly count: number;
}

/** An open file of pictures, of which any can be read. */
export interface PictureFile {
  readonly facts: PictureFacts;
  /** Reads a picture. */
  read(index: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** The bytes that say how long the facts are, at the very end. */
const TAIL = 8;

/** The last four bytes of every such file. */
const MAGIC = 0x52494c50;

/**
 * Writes pictures to a file as a whole or not at all: one behind the other, so that each can be read by itself, and then the
 * facts.
 *
 * @param getFacts Asked when all pictures are written.
 */
export async function writePictures(
  path: string,
  pictures: AsyncIterable<Uint8Array>,
  getFacts: () => PictureFacts,
): Promise<void> {
  async function* parts() {
    yield* pictures;
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
  const facts = await readFacts(file).catch(() => undefined);
  if (facts?.key !== key) {
    await file.close();
    return undefined;
  }
  const { size } = facts;
  return {
    facts,
    async read(index) {
      const bytes = new Uint8Array(size);
      const { bytesRead } = await file.read(bytes, 0, size, index * size);
      if (bytesRead === size) return bytes;
      throw new Error(`Cannot read picture ${index} of ${path}: the file has become shorter`);
    },
    close: () => file.close(),
  };
}

async function readFacts(file: FileHandle): Promise<PictureFacts | undefined> {
  const { size } = await file.stat();
  const readAt = async (from: number, length: number) => {
    const bytes = new Uint8Array(length);
    await file.read(bytes, 0, length, from);
    return bytes;
  };
  const tail = new DataView((await readAt(size - TAIL, TAIL)).buffer);
  if (tail.getUint32(4) !== MAGIC) return undefined;
  const length = tail.getUint32(0);
  const start = size - TAIL - length;
  const facts = JSON.parse(new TextDecoder().decode(await readAt(start, length)));
  return facts.size * facts.count === start ? facts : undefined;
}
