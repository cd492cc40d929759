import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { encodeEnd, encodeHead, encodeRecordHead, END_SIZE } from "./_cache_format.ts";

/** Writes a cache file under a temporary name, and renames it when it is complete and on the disk. */
export class CacheWriter {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  readonly #buffer = new Uint8Array(2 ** 18);
  #filled = 0;
  #size = 0;
  #records = 0;
  #finished = false;

  private constructor(path: string, temporary: string, file: FileHandle) {
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
  }

  /** Creates a file under a temporary name. */
  static async create(path: string, key: string): Promise<CacheWriter> {
    await removeAbandoned(path);
    // Two runs that build at the same time do not disturb each other, and the last file is kept.
    const temporary = `${path}.${crypto.randomUUID()}${SUFFIX}`;
    const writer = new CacheWriter(path, temporary, await open(temporary, "wx"));
    await writer.#write(encodeHead(key));
    return writer;
  }

  /** Adds a packed item. */
  async add(item: Uint8Array): Promise<void> {
    await this.#write(encodeRecordHead(item));
    await this.#write(item);
    this.#records++;
  }

  /** Ends the file, and gives it its name. */
  async finish(): Promise<void> {
    await this.#write(encodeEnd(this.#records, this.#size + END_SIZE));
    await this.#flush();
    await this.#file.sync();
    await this.#file.close();
    await rename(this.#temporary, this.#path);
    this.#finished = true;
  }

  /** Removes what was written, unless it was finished. */
  async discard(): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    await this.#file.close().catch(() => {});
    // Without a word if that fails: it would hide why the items ended.
    await rm(this.#temporary, { force: true }).catch(() => {});
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#size += bytes.length;
    if (this.#filled + bytes.length > this.#buffer.length) await this.#flush();
    if (bytes.length > this.#buffer.length) return await this.#writeAll(bytes);
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  async #flush(): Promise<void> {
    const bytes = this.#buffer.subarray(0, this.#filled);
    this.#filled = 0;
    await this.#writeAll(bytes);
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at);
      at += bytesWritten;
    }
  }
}

/** Removes the files of crashed runs, to which nothing was written for a day. */
async function removeAbandoned(path: string): Promise<void> {
  const dir = dirname(path);
  for (const name of await readdir(dir)) {
    if (!name.startsWith(`${basename(path)}.`) || !name.endsWith(SUFFIX)) continue;
    const file = join(dir, name);
    try {
      if (Date.now() - (await stat(file)).mtimeMs > DAY) await rm(file, { force: true });
    } catch {
      // Another run has removed it.
    }
  }
}

const SUFFIX = ".tmp";
const DAY = 24 * 60 * 60 * 1000;
