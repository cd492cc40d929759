/** The fractional bits of a weight: of 32, those that sums of bytes leave, with two to spare. */
export const WEIGHT_BITS = 22;

/** The samples of which a resized line is made, with their weights. */
export interface Taps {
  /** The words of a sample. */
  readonly stride: number;
  /** For each sample the first one of the input, how many there are, and their weights as integers. */
  readonly words: Int32Array;
}

/**
 * Computes Pillow's triangle filter for a line of bytes. Where the line shrinks the triangle widens, so that every sample counts. The
 * order of operations is Pillow's: another one rounds differently.
 */
export function computeBilinearTaps(inputs: number, outputs: number): Taps {
  const scale = inputs / outputs;
  const reach = Math.max(scale, 1);
  const taps = Array.from({ length: outputs }, (_, output) => {
    const center = (output + 0.5) * scale;
    const first = Math.max(Math.trunc(center - reach + 0.5), 0);
    const end = Math.min(Math.trunc(center + reach + 0.5), inputs);
    const weights = Array.from(
      { length: end - first },
      (_, t) => Math.max(1 - Math.abs((t + first - center + 0.5) * (1 / reach)), 0),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    const fixed = weights.map((weight) => Math.trunc(0.5 + weight / sum * 2 ** WEIGHT_BITS));
    return [first, fixed.length, ...fixed];
  });
  const stride = Math.max(...taps.map(({ length }) => length));
  const words = new Int32Array(outputs * stride);
  taps.forEach((own, output) => words.set(own, output * stride));
  return { stride, words };
}
