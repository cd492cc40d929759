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
  /** The same as integers: times 2^{@linkcode PRECISION_BITS}, rounded. */
  readonly fixedWeights: Int32Array;
  /** The same as `mixRows` wants them. */
  readonly pairs: Int32Array;
}

/** The bits of a fixed-point weight: what 32 leave for a sum of bytes with room to spare. */
export const PRECISION_BITS = 32 - 8 - 2;

/** A weight has more bits than an instruction multiplies by: so many go apart. */
export const LOWER_BITS = PRECISION_BITS / 2;

/** A weight for each distance from the output sample's center, and how far from it there are any. */
interface Filter {
  readonly support: number;
  readonly weigh: (distance: number) => number;
}

// Pillow's order of operations throughout: another one rounds differently.
const FILTERS = {
  /** A triangle. */
  bilinear: { support: 1, weigh: (x) => x < 1 ? 1 - x : 0 },
  /** Keys' cubic convolution with a = -0.5: https://doi.org/10.1109/TASSP.1981.1163711 */
  bicubic: {
    support: 2,
    weigh: (x) =>
      x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0,
  },
} as const satisfies Record<string, Filter>;

/**
 * The weights of Pillow's filters: around the output sample's center, at the distance of the input samples or, when the
 * line shrinks, of the output samples, so that every input sample counts.
 *
 * As one size is asked for again and again, the last few results are kept.
 */
export function tapsOf(filter: keyof typeof FILTERS, inputs: number, outputs: number): Taps {
  const key = `${filter} ${inputs} ${outputs}`;
  let taps = cache.get(key);
  if (!taps) {
    if (cache.size === CACHE_SIZE) cache.delete(cache.keys().next().value!);
    cache.set(key, taps = calculate(FILTERS[filter], inputs, outputs));
  }
  return taps;
}

const cache = new Map<string, Taps>();
const CACHE_SIZE = 32;

function calculate({ support, weigh }: Filter, inputs: number, outputs: number): Taps {
  const scale = inputs / outputs;
  const stretch = Math.max(scale, 1);
  const reach = support * stretch;
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
      own[t] = weigh(Math.abs((t + first - center + 0.5) * (1 / stretch)));
      sum += own[t];
    }
    for (let t = 0; t < count; t++) own[t] /= sum;
    firsts[o] = first;
    counts[o] = count;
  }
  const fixedWeights = Int32Array.from(
    weights,
    (w) => Math.trunc((w < 0 ? -0.5 : 0.5) + w * 2 ** PRECISION_BITS),
  );
  const pairs = pairUp(firsts, counts, width, fixedWeights);
  return { inputs, outputs, width, firsts, counts, weights, fixedWeights, pairs };
}

/**
 * For each output sample its first input sample and a number of pairs of them; then for each pair the upper parts of its two
 * weights, as 16 bits each, and the lower {@linkcode LOWER_BITS} of them.
 */
function pairUp(
  firsts: Int32Array,
  counts: Int32Array,
  width: number,
  fixedWeights: Int32Array,
): Int32Array {
  const words: number[] = [];
  for (let o = 0; o < firsts.length; o++) {
    words.push(firsts[o], counts[o] + 1 >> 1);
    for (let t = 0; t < counts[o]; t += 2) {
      const first = fixedWeights[o * width + t];
      const second = t + 1 < counts[o] ? fixedWeights[o * width + t + 1] : 0;
      const mask = (1 << LOWER_BITS) - 1;
      words.push(
        first >> LOWER_BITS & 0xffff | second >> LOWER_BITS << 16,
        first & mask | (second & mask) << 16,
      );
    }
  }
  return Int32Array.from(words);
}
