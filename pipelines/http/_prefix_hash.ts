/**
 * A hash of the bytes of a stream so far, however they are cut into chunks. It tells two files from each other, and is
 * no protection from someone who wants them to look alike: who sends one can send any.
 */
export class PrefixHash {
  #first = 1;
  #second = 1;

  /** Adds the bytes that come next. */
  update(bytes: Uint8Array): void {
    let [first, second] = [this.#first, this.#second];
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      first = Math.imul(first, 0x01000193) + byte | 0;
      second = Math.imul(second ^ byte, 0x2c1b3c6d) + 0x297a2d39 | 0;
    }
    [this.#first, this.#second] = [first, second];
  }

  /** Tells whether another one has seen the same bytes, in all likelihood. */
  equals(other: PrefixHash): boolean {
    return this.#first === other.#first && this.#second === other.#second;
  }
}
