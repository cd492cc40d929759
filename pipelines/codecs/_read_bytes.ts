import { gunzip } from "../formats/gzip/gunzip.ts";

/** The content of a file: its bytes, or a stream of them, gzipped or plain. */
export type FileContent = Uint8Array | AsyncIterable<Uint8Array>;

/** Reads the content of a file, decompressed where its first two bytes say that it is gzipped. */
export async function* readBytes(
  content: FileContent,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = content instanceof Uint8Array ? iterateOnce(content) : content;
  const iterator = chunks[Symbol.asyncIterator]();
  const rest: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => iterator.next(),
      return: async () => {
        await iterator.return?.();
        return { done: true, value: undefined };
      },
    }),
  };
  let isOver = false;
  try {
    const first: Uint8Array[] = [];
    const magic: number[] = [];
    while (magic.length < 2) {
      const { done, value } = await iterator.next();
      if (done) break;
      first.push(value);
      magic.push(...value.subarray(0, 2 - magic.length));
    }
    const all = concatenate(first, rest);
    yield* magic[0] === 0x1f && magic[1] === 0x8b ? gunzip()(all) : all;
    isOver = true;
  } finally {
    // Also where nothing was read of what came after the first bytes.
    if (!isOver) await iterator.return?.();
  }
}

async function* iterateOnce(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

async function* concatenate(
  first: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* first;
  yield* rest;
}
