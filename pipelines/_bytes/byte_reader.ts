/** Gives the chunks of a stream of bytes one by one. */
interface ChunkInput {
  pull(): IteratorResult<Uint8Array, unknown> | Promise<IteratorResult<Uint8Array, unknown>>;
}

/** Reads the bytes of a stream of chunks in pieces of any length, and pulls a chunk only when one is needed. */
export class ByteReader {
  /** How many bytes were read or skipped so far. */
  position = 0;
  readonly #chunks: ChunkInput;
  #chunk: Uint8Array = new Uint8Array();
  #at = 0;
  #ended = false;

  constructor(chunks: ChunkInput) {
    this.#chunks = chunks;
  }

  /**
   * Reads the next `length` bytes into memory of their own, or as many as there are before the stream's end. Memory is
   * taken as bytes arrive, since `length` may come from a file that lies.
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

  /**
   * Gives what is left of the current chunk, or the next chunk; undefined at the stream's end. Its memory may be shared
   * with the source.
   */
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

  get #available(): number {
    return this.#chunk.length - this.#at;
  }

  #take(length: number): Uint8Array {
    const piece = this.#chunk.subarray(this.#at, this.#at + length);
    this.#at += piece.length;
    this.position += piece.length;
    return piece;
  }

  /** Pulls until there are bytes, and tells whether there are. */
  async #pull(): Promise<boolean> {
    while (this.#available === 0) {
      if (this.#ended) return false;
      const { done, value } = await this.#chunks.pull();
      if (done) {
        this.#ended = true;
        return false;
      }
      this.#chunk = value;
      this.#at = 0;
    }
    return true;
  }
}

/** The most memory to take before any bytes have arrived. */
const FIRST_SIZE = 2 ** 16;
