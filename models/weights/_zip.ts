import type { Entry, FileEntry } from "@zip.js/zip.js/lib/zip-core-reader.js";
import { fail, isFault } from "./_fault.ts";
import { clip } from "./_header_json.ts";

/** A zip archive. Its files are read one after the other. */
export interface ZipArchive {
  /** The names of its files. */
  readonly names: readonly string[];
  /** Reads a file, and checks it: a view of the archive's bytes. */
  read(name: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** The most files in an archive. */
const FILE_LIMIT = 2 ** 18;

/**
 * Opens a zip archive whose files are stored as they are, as PyTorch stores them. Compressed and encrypted ones are refused,
 * as are files that share bytes, so that all of them have no more bytes than the archive.
 */
export async function openZip(bytes: Uint8Array<ArrayBuffer>): Promise<ZipArchive> {
  // Loaded when it is needed: a page that reads safetensors alone has no use for it.
  const { ZipReader } = await import("@zip.js/zip.js/lib/zip-core-reader.js");
  // No worker is started, and nothing is fetched.
  const options = { useWebWorkers: false, checkCrc32: true, checkOverlappingEntry: true };
  const source = new BytesReader(bytes);
  const reader = new ZipReader(source, options);
  const entries = new Map<string, Entry>();
  await explain("its zip archive", async () => {
    for await (const entry of reader.getEntriesGenerator()) {
      const { filename } = entry;
      if (entries.has(filename)) fail(`its zip archive has two files called ${clip(filename)}`);
      if (entries.size === FILE_LIMIT) fail(`its zip archive has over ${FILE_LIMIT} files`);
      entries.set(filename, entry);
    }
  });
  return {
    names: [...entries.keys()],
    read: (name) => explain(clip(name), () => readEntry(source, entries.get(name), name)),
  };
}

async function readEntry(
  source: BytesReader,
  entry: Entry | undefined,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!entry) fail(`its zip archive has no ${clip(name)}`);
  if (!isStored(entry)) {
    fail(
      `${clip(name)} in its zip archive is compressed, encrypted or a folder: ` +
        "torch.save stores files as they are",
    );
  }
  // The library checks what it gives, which are copies in chunks: the same bytes lie in the archive.
  await entry.getData(new WritableStream());
  return source.lent;
}

const isStored = (entry: Entry): entry is FileEntry =>
  !entry.directory && !entry.encrypted && entry.compressionMethod === 0 &&
  entry.compressedSize === entry.uncompressedSize;

/** Runs the library, and gives an error of its own as the file's fault. */
async function explain<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (isFault(error) || !(error instanceof Error)) throw error;
    fail(`${what} is damaged: ${error.message}`);
  }
}

/** Gives the library views of bytes, without a copy. */
class BytesReader {
  readonly size: number;
  /** The bytes that the last stream was made of. */
  lent: Uint8Array<ArrayBuffer> = new Uint8Array();
  readonly #bytes: Uint8Array<ArrayBuffer>;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.createReadable();
  }

  createReadable(
    { offset = 0, size }: { readonly offset?: number; readonly size?: number } = {},
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    const view = this.#bytes.subarray(offset, offset + (size ?? this.size));
    this.lent = view;
    return new ReadableStream({
      start(controller) {
        if (view.length > 0) controller.enqueue(view);
        controller.close();
      },
    });
  }

  readUint8Array(index: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(this.#bytes.subarray(index, index + length));
  }
}
