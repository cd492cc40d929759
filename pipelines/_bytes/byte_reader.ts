/** Reads the bytes of a stream of chunks in pieces of any length, and pulls a chunk only when one is needed. */
export class ByteReader {
  /** The bytes read or skipped so far. */
  position = 0;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array();
  #at = 0;
  /** Whether the stream is to be closed: it has neither ended nor failed. */
  #open = true;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /**
   * The next `length` bytes in memory of their own, or as many as there are before the stream's end. Memory is taken as
   * bytes arrive, not on the word of who asks for them.
   */
  async read(length: number): Promise<Uint8Array<ArrayBuffer>> {
    let bytes = new Uint8Array(Math.min(length, Math.max(FIRST_SIZE, this.#available)));
    let filled = 0;
    while (filled < length) {
      if (this.#available === 0 && !await this.#pull()) return bytes.slice(0, filled);
      const piece = this.#take(length - filled);
      if (filled + piece.length > bytes.length) {
        const larger = new Uint8Array(
          Math.min(length, Math.max(2 * bytes.length, filled + piece.length)),
        );
        larger.set(bytes.subarray(0, filled));
        bytes = larger;
      }
      bytes.set(piece, filled);
      filled += piece.length;
    }
    return bytes;
  }

  /** What is left of the chunk in hand, or the next chunk; nothing at the stream's end. May be shared with the source. */
  async readChunk(): Promise<Uint8Array | undefined> {
    if (this.#available === 0 && !await this.#pull()) return undefined;
    return this.#take(Infinity);
  }

  /** Skips `length` bytes, or as many as there are, and tells how many. */
  async skip(length: number): Promise<number> {
    let skipped = 0;
    while (skipped < length) {
      if (this.#available === 0 && !await this.#pull()) break;
      skipped += this.#take(length - skipped).length;
    }
    return skipped;
  }

  /** Closes the stream, unless it has ended or failed. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#chunks.return?.();
  }

  /** As {@linkcode close}, after an error: that is the one to report, whatever goes wrong in closing. */
  async abandon(): Promise<void> {
    await this.close().catch(() => {});
  }

  get #available(): number {
    return this.#chunk.length - this.#at;
  }

  #take(length: number): Uint8Array {
    const piece = this.#chunk.subarray(this.#at, this.#at + length);
    this.#at += piece.length;
    this.position += piece.length;
    return piece;
  }

  /** Pulls until there are bytes. */
  async #pull(): Promise<boolean> {
    while (this.#available === 0) {
      if (!this.#open) return false;
      const { done, value } = await this.#next();
      if (done) return this.#open = false;
      this.#chunk = value;
      this.#at = 0;
    }
    return true;
  }

  async #next(): Promise<IteratorResult<Uint8Array, void>> {
    try {
      return await this.#chunks.next();
    } catch (error) {
      this.#open = false;
      throw error;
    }
  }
}

const FIRST_SIZE = 2 ** 16;
