/**
 * What each output sample of a resampled line is made of: `counts[o]` input samples from `firsts[o]` on, with the weights
 * from `o * width` on.
 */
export interface Taps {
  /** The length of the input line. */
  readonly inputs: number;
  /** The length of the output line. */
  readonly outputs: number;
  /** The most input samples that one output sample is made of. */
  readonly width: number;
  readonly firsts: Int32Array;
  readonly counts: Int32Array;
  /** The weights; those of an output sample add up to 1. */
  readonly weights: Float64Array;
  /** The same as whole numbers: times 2^{@linkcode PRECISION_BITS}, rounded. */
  readonly fixedWeights: Int32Array;
}

/** The bits of a fixed-point weight: what 32 leave for a sum of bytes with room to spare. */
export const PRECISION_BITS = 32 - 8 - 2;

/**
 * Bilinear weights as Pillow has them: a triangle around the output sample's centre that reaches to the next input
 * sample on either side, or, when the line shrinks, to the next output sample, so that every input sample counts.
 *
 * As one size is asked for again and again, the last few results are kept.
 */
export function bilinearTaps(inputs: number, outputs: number): Taps {
  const key = `${inputs} ${outputs}`;
  let taps = cache.get(key);
  if (!taps) {
    if (cache.size === CACHE_SIZE) cache.delete(cache.keys().next().value!);
    cache.set(key, taps = calculate(inputs, outputs));
  }
  return taps;
}

const cache = new Map<string, Taps>();
const CACHE_SIZE = 32;

function calculate(inputs: number, outputs: number): Taps {
  const scale = inputs / outputs;
  const reach = Math.max(scale, 1);
  const width = Math.ceil(reach) * 2 + 1;
  const firsts = new Int32Array(outputs);
  const counts = new Int32Array(outputs);
  const weights = new Float64Array(outputs * width);
  for (let o = 0; o < outputs; o++) {
    const center = (o + 0.5) * scale;
    const first = Math.max(Math.trunc(center - reach + 0.5), 0);
    const count = Math.min(Math.trunc(center + reach + 0.5), inputs) - first;
    const own = weights.subarray(o * width, o * width + count);
    let sum = 0;
    for (let t = 0; t < count; t++) {
      // Pillow's order of operations: another one rounds differently.
      const distance = Math.abs((t + first - center + 0.5) * (1 / reach));
      own[t] = distance < 1 ? 1 - distance : 0;
      sum += own[t];
    }
    for (let t = 0; t < count; t++) own[t] /= sum;
    firsts[o] = first;
    counts[o] = count;
  }
  const fixedWeights = Int32Array.from(weights, (w) => Math.trunc(0.5 + w * 2 ** PRECISION_BITS));
  return { inputs, outputs, width, firsts, counts, weights, fixedWeights };
}
