/** Replaces bytes by the floats of a table, the channels of a pixel side by side. */
export class LookUp {
  readonly #table: Float32Array;
  readonly #channels: number;
  #pairs: Float64Array | undefined;

  /**
   * @param table The float of each byte of each channel: `table[256 * channel + byte]`.
   * @param channels The number of channels; 1 also where the floats are the same for all channels.
   */
  constructor(table: Float32Array, channels: number) {
    this.#table = table;
    this.#channels = channels;
  }

  /** Writes the floats of some bytes to an array of the same length. */
  write(bytes: Uint8Array, output: Float32Array): void {
    if (this.#channels === 3) return writeRgb(bytes, this.#table, output);
    if (this.#channels !== 1) return writeAny(bytes, this.#table, this.#channels, output);
    const isAligned = bytes.byteOffset % 2 === 0 && output.byteOffset % 8 === 0;
    const paired = isAligned && bytes.length >= LEAST_PAIRED ? bytes.length & ~7 : 0;
    if (paired > 0) {
      this.#pairs ??= pairUp(this.#table);
      writePairs(
        new Uint16Array(bytes.buffer, bytes.byteOffset, paired / 2),
        this.#pairs,
        new Float64Array(output.buffer, output.byteOffset, paired / 2),
      );
    }
    writeOne(bytes, this.#table, output, paired);
  }
}

/** The length from which two views and a larger table pay off. */
const LEAST_PAIRED = 2 ** 14;

/**
 * Makes the table of pairs: the two floats of each two bytes, in one number that is moved as it is. No two finite
 * floats make a NaN, whose bits an engine may change.
 */
function pairUp(table: Float32Array): Float64Array {
  const pairs = new Float64Array(2 ** 16);
  const floats = new Float32Array(pairs.buffer);
  const bytes = new Uint8Array(Uint16Array.from(pairs, (_, i) => i).buffer);
  for (let i = 0; i < floats.length; i++) floats[i] = table[bytes[i]!]!;
  return pairs;
}

// All of these write several floats at a time, which is twice as fast as one by one.

function writePairs(pairs: Uint16Array, table: Float64Array, output: Float64Array): void {
  for (let i = 0; i < pairs.length; i += 4) {
    output[i] = table[pairs[i]!]!;
    output[i + 1] = table[pairs[i + 1]!]!;
    output[i + 2] = table[pairs[i + 2]!]!;
    output[i + 3] = table[pairs[i + 3]!]!;
  }
}

function writeOne(
  bytes: Uint8Array,
  table: Float32Array,
  output: Float32Array,
  from: number,
): void {
  const { length } = bytes;
  let i = from;
  for (; i < length - 3; i += 4) {
    output[i] = table[bytes[i]!]!;
    output[i + 1] = table[bytes[i + 1]!]!;
    output[i + 2] = table[bytes[i + 2]!]!;
    output[i + 3] = table[bytes[i + 3]!]!;
  }
  for (; i < length; i++) output[i] = table[bytes[i]!]!;
}

function writeRgb(bytes: Uint8Array, table: Float32Array, output: Float32Array): void {
  for (let i = 0; i < bytes.length; i += 3) {
    output[i] = table[bytes[i]!]!;
    output[i + 1] = table[256 + bytes[i + 1]!]!;
    output[i + 2] = table[512 + bytes[i + 2]!]!;
  }
}

function writeAny(
  bytes: Uint8Array,
  table: Float32Array,
  channels: number,
  output: Float32Array,
): void {
  for (let channel = 0; channel < channels; channel++) {
    const row = 256 * channel;
    for (let i = channel; i < bytes.length; i += channels) output[i] = table[row + bytes[i]!]!;
  }
}
