import { type FileHandle, open } from "node:fs/promises";
import {
  encodeEnd,
  encodeHead,
  END_MARK,
  END_SIZE,
  isSame,
  RECORD_HEAD_SIZE,
} from "./_cache_format.ts";
import { crc32 } from "../../_bytes/crc32.ts";
import { MAX_SIZE, unpack } from "./_pack.ts";

/** The reason why a file cannot be used and must be built anew. */
export class Unusable extends Error {}

/** Reads the items of a complete cache file, and checks all of it. */
export class CacheReader {
  readonly #file: FileHandle;
  readonly #size: number;
  readonly #buffer = new Uint8Array(2 ** 18);
  #begin = 0;
  #end = 0;
  /** The position in the file of the end of the buffer's content. */
  #offset: number;

  private constructor(file: FileHandle, size: number, offset: number) {
    this.#file = file;
    this.#size = size;
    this.#offset = offset;
  }

  /**
   * Opens a file.
   *
   * @throws {Unusable} When there is no such file, or it is not complete or has another key.
   */
  static async open(path: string, key: string): Promise<CacheReader> {
    let file: FileHandle;
    try {
      file = await open(path, "r");
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") throw new Unusable("it does not exist");
      throw error;
    }
    try {
      const { size } = await file.stat();
      const head = encodeHead(key);
      if (size < head.length + END_SIZE) throw new Unusable("it is cut short");
      const found = new Uint8Array(head.length);
      await fill(file, found, 0);
      if (!isSame(found, head)) throw new Unusable("it has another key or version");
      const end = new Uint8Array(END_SIZE);
      await fill(file, end, size - END_SIZE);
      const records = Number(new DataView(end.buffer).getBigUint64(4, true));
      if (!isSame(end, encodeEnd(records, size))) throw new Unusable("it is cut short");
      return new CacheReader(file, size, head.length);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * Reads the next item and gives it in an object, or nothing at the end.
   *
   * @throws {Unusable} When the item is damaged.
   */
  async next(): Promise<{ readonly item: unknown } | undefined> {
    const head = await this.#read(RECORD_HEAD_SIZE);
    const view = new DataView(head.buffer, head.byteOffset);
    const length = view.getUint32(0, true);
    const checksum = view.getUint32(4, true);
    if (length === END_MARK) {
      const rest = await this.#read(END_SIZE - RECORD_HEAD_SIZE);
      const atEnd = this.#offset - (this.#end - this.#begin) === this.#size;
      if (rest.length + RECORD_HEAD_SIZE < END_SIZE || !atEnd) throw new Unusable("it is damaged");
      return undefined;
    }
    const bytes = await this.#read(length);
    if (crc32(bytes) !== checksum) throw new Unusable("it is damaged");
    try {
      return { item: unpack(bytes) };
    } catch {
      throw new Unusable("it is damaged");
    }
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#file.close();
  }

  /** Reads the next bytes, which are valid until the next call. */
  async #read(length: number): Promise<Uint8Array> {
    const there = this.#end - this.#begin;
    // A damaged length cannot ask for more memory than the file has.
    if (length > MAX_SIZE || length > there + this.#size - this.#offset) {
      throw new Unusable("it is damaged");
    }
    if (length > this.#buffer.length) {
      const bytes = new Uint8Array(length);
      bytes.set(this.#buffer.subarray(this.#begin, this.#end));
      await fill(this.#file, bytes.subarray(there), this.#offset);
      this.#offset += length - there;
      this.#begin = this.#end = 0;
      return bytes;
    }
    if (length > there) {
      this.#buffer.copyWithin(0, this.#begin, this.#end);
      const more = Math.min(this.#buffer.length - there, this.#size - this.#offset);
      await fill(this.#file, this.#buffer.subarray(there, there + more), this.#offset);
      this.#offset += more;
      this.#begin = 0;
      this.#end = there + more;
    }
    this.#begin += length;
    return this.#buffer.subarray(this.#begin - length, this.#begin);
  }
}

/** Reads as many bytes as the array has. */
async function fill(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let filled = 0; filled < bytes.length;) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, position + filled);
    if (bytesRead === 0) throw new Unusable("it is cut short");
    filled += bytesRead;
  }
}
