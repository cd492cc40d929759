/**
 * The taps of a resampled line: output sample `o` is made of `counts[o]` input samples from `firsts[o]` on, with the
 * weights from `o * width` on.
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
  /** The weights as integers: times 2^{@linkcode PRECISION_BITS}, rounded. */
  readonly fixedWeights: Int32Array;
  /** The integer weights in the form that `mixRows` reads, which {@linkcode pairUp} describes. */
  readonly pairs: Int32Array;
}

/** The bits of a fixed-point weight, so that a sum of bytes fits in 32 with room to spare. */
export const PRECISION_BITS = 32 - 8 - 2;

/** A weight has more bits than a SIMD instruction multiplies by: these many are multiplied separately. */
export const LOWER_BITS = PRECISION_BITS / 2;

/**
 * A filter: its kernel gives the weight at a distance from the output sample's center, which is 0 from `support` on.
 */
interface Filter {
  readonly support: number;
  readonly kernel: (distance: number) => number;
}

// All of this has Pillow's order of operations, as another one rounds differently.
const FILTERS = {
  /** A triangle. */
  bilinear: { support: 1, kernel: (x) => x < 1 ? 1 - x : 0 },
  /** Keys' cubic convolution with a = -0.5: https://doi.org/10.1109/TASSP.1981.1163711 */
  bicubic: {
    support: 2,
    kernel: (x) =>
      x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0,
  },
} as const satisfies Record<string, Filter>;

/**
 * Gives the taps of Pillow's filters: around the output sample's center, stretched to the distance of the output
 * samples when the line shrinks, so that every input sample counts.
 *
 * Results are kept, the oldest going first: most images of a stream have the same size, or are crops of as many sizes as a
 * picture has rows, and what lives for one image alone is much work for a garbage collector.
 */
export function getTaps(filter: keyof typeof FILTERS, inputs: number, outputs: number): Taps {
  const key = `${filter} ${inputs} ${outputs}`;
  let taps = cache.get(key);
  if (!taps) {
    cache.set(key, taps = calculateTaps(FILTERS[filter], inputs, outputs));
    cachedBytes += countBytes(taps);
    for (const [old, gone] of cache) {
      if (cachedBytes <= MOST_CACHED || old === key) break;
      cache.delete(old);
      cachedBytes -= countBytes(gone);
    }
  }
  return taps;
}

const cache = new Map<string, Taps>();
let cachedBytes = 0;

/** The most bytes of results that are kept, but for the last. */
const MOST_CACHED = 16e6;

const countBytes = ({ firsts, counts, weights, fixedWeights, pairs }: Taps): number =>
  [firsts, counts, weights, fixedWeights, pairs].reduce((sum, part) => sum + part.byteLength, 0);

function calculateTaps({ support, kernel }: Filter, inputs: number, outputs: number): Taps {
  const scale = inputs / outputs;
  const stretch = Math.max(scale, 1);
  const reach = support * stretch;
  const width = Math.ceil(reach) * 2 + 1;
  const firsts = new Int32Array(outputs);
  const counts = new Int32Array(outputs);
  const weights = new Float64Array(outputs * width);
  const fixedWeights = new Int32Array(outputs * width);
  // Where each image has a size of its own, these are made for each, so they are made one by one and without closures.
  for (let o = 0; o < outputs; o++) {
    const center = (o + 0.5) * scale;
    const first = Math.max(Math.trunc(center - reach + 0.5), 0);
    const count = Math.min(Math.trunc(center + reach + 0.5), inputs) - first;
    const start = o * width;
    let sum = 0;
    for (let t = 0; t < count; t++) {
      const weight = kernel(Math.abs((t + first - center + 0.5) * (1 / stretch)));
      weights[start + t] = weight;
      sum += weight;
    }
    for (let i = start; i < start + count; i++) {
      const weight = weights[i]! / sum;
      weights[i] = weight;
      fixedWeights[i] = Math.trunc((weight < 0 ? -0.5 : 0.5) + weight * 2 ** PRECISION_BITS);
    }
    firsts[o] = first;
    counts[o] = count;
  }
  const pairs = pairUp(firsts, counts, width, fixedWeights);
  return { inputs, outputs, width, firsts, counts, weights, fixedWeights, pairs };
}

/**
 * Packs taps in pairs: for each output sample its first input sample and its number of pairs; then for each pair the
 * upper parts of its two weights, as 16 bits each, and their lower {@linkcode LOWER_BITS}.
 */
function pairUp(
  firsts: Int32Array,
  counts: Int32Array,
  width: number,
  fixedWeights: Int32Array,
): Int32Array {
  const words = new Int32Array(firsts.length * (2 + width + 1));
  const mask = (1 << LOWER_BITS) - 1;
  let at = 0;
  for (let o = 0; o < firsts.length; o++) {
    const count = counts[o]!;
    words[at++] = firsts[o]!;
    words[at++] = count + 1 >> 1;
    for (let t = 0; t < count; t += 2) {
      const first = fixedWeights[o * width + t]!;
      const second = t + 1 < count ? fixedWeights[o * width + t + 1]! : 0;
      words[at++] = first >> LOWER_BITS & 0xffff | second >> LOWER_BITS << 16;
      words[at++] = first & mask | (second & mask) << 16;
    }
  }
  return words.slice(0, at);
}
