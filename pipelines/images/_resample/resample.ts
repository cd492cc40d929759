import type { ImageData } from "../../data/image.ts";
import { PRECISION_BITS, type Taps } from "./taps.ts";

/**
 * Resamples the middle axis of an array of the shape `[outer, taps.inputs, inner]` into another array. The columns of
 * an image are the middle axis of `[height, width, channels]`, its rows that of `[1, height, width * channels]`.
 */
export function resample<D extends ImageData>(
  input: D,
  outer: number,
  inner: number,
  taps: Taps,
  output: D,
): void {
  const { inputs, outputs, firsts } = taps;
  if (input instanceof Uint8Array && inner === 3 && outer > inner && inputs > outputs) {
    return shrinkRgb(input, output as Uint8Array, outer, taps);
  }
  const outerAxis = { length: outer, inStep: inputs * inner, outStep: outputs * inner };
  const innerAxis = { length: inner, inStep: 1, outStep: 1 };
  // One set of weights serves all samples of a line across: the longer it is, the better.
  const [line, lines] = outer > inner ? [outerAxis, innerAxis] : [innerAxis, outerAxis];
  const sums = new Int32Array(taps.width > 4 ? line.length : 0);
  for (let o = 0; o < outputs; o++) {
    for (let l = 0; l < lines.length; l++) {
      const from = firsts[o]! * inner + l * lines.inStep;
      const to = o * inner + l * lines.outStep;
      if (input instanceof Uint8Array) {
        mixBytes(input, from, inner, output as Uint8Array, to, line, taps, o, sums);
      } else {
        mixFloats(input, from, inner, output as Float32Array, to, line, taps, o);
      }
    }
  }
}

/** A line of samples at a fixed distance, which differs between input and output. */
interface Line {
  readonly length: number;
  readonly inStep: number;
  readonly outStep: number;
}

const HALF = 1 << (PRECISION_BITS - 1);

/**
 * Writes the line of output `o`: a weighted sum of lines of the input, the first one at `from`, with a distance of
 * `next` from one to another. They are added up four at a time, in `sums` where there are more than four.
 */
function mixBytes(
  input: Uint8Array,
  from: number,
  next: number,
  output: Uint8Array,
  to: number,
  { length, inStep, outStep }: Line,
  { width, counts, fixedWeights }: Taps,
  o: number,
  sums: Int32Array,
): void {
  let count = counts[o]!;
  let w = o * width;
  if (count === 2 && fixedWeights[w]! >= 0 && fixedWeights[w + 1]! >= 0) {
    // Nearly always so when enlarging bilinearly, and then no sum leaves the range of bytes.
    const w0 = fixedWeights[w]!;
    const w1 = fixedWeights[w + 1]!;
    for (let i = 0; i < length; i++) {
      const sum = Math.imul(input[from]!, w0) + Math.imul(input[from + next]!, w1);
      output[to] = sum + HALF >> PRECISION_BITS;
      from += inStep;
      to += outStep;
    }
    return;
  }

  const isLong = count > 4;
  if (isLong) sums.fill(HALF);
  for (; count > 4; count -= 4, w += 4, from += 4 * next) {
    const w0 = fixedWeights[w]!;
    const w1 = fixedWeights[w + 1]!;
    const w2 = fixedWeights[w + 2]!;
    const w3 = fixedWeights[w + 3]!;
    for (let i = 0, at = from; i < length; i++, at += inStep) {
      const first = Math.imul(input[at]!, w0) + Math.imul(input[at + next]!, w1);
      const last = Math.imul(input[at + 2 * next]!, w2) + Math.imul(input[at + 3 * next]!, w3);
      sums[i] = sums[i]! + first + last | 0;
    }
  }

  // Taps that are missing of the last four have a weight of 0, and a sample that exists stands in for theirs.
  const w0 = fixedWeights[w]!;
  const w1 = count > 1 ? fixedWeights[w + 1]! : 0;
  const w2 = count > 2 ? fixedWeights[w + 2]! : 0;
  const w3 = count > 3 ? fixedWeights[w + 3]! : 0;
  const second = count > 1 ? next : 0;
  const third = count > 2 ? 2 * next : 0;
  const fourth = count > 3 ? 3 * next : 0;
  if (isLong) {
    for (let i = 0; i < length; i++) {
      const first = Math.imul(input[from]!, w0) + Math.imul(input[from + second]!, w1);
      const last = Math.imul(input[from + third]!, w2) + Math.imul(input[from + fourth]!, w3);
      output[to] = clip(sums[i]! + first + last >> PRECISION_BITS);
      from += inStep;
      to += outStep;
    }
  } else {
    for (let i = 0; i < length; i++) {
      const first = Math.imul(input[from]!, w0) + Math.imul(input[from + second]!, w1);
      const last = Math.imul(input[from + third]!, w2) + Math.imul(input[from + fourth]!, w3);
      output[to] = clip(HALF + first + last >> PRECISION_BITS);
      from += inStep;
      to += outStep;
    }
  }
}

/**
 * Does the same to an RGB image whose rows shrink, row by row: with more taps it pays off to read neighboring samples,
 * and each weight once for three channels.
 */
function shrinkRgb(
  input: Uint8Array,
  output: Uint8Array,
  height: number,
  { inputs, outputs, width, firsts, counts, fixedWeights }: Taps,
): void {
  let to = 0;
  for (let row = 0; row < height; row++) {
    for (let o = 0; o < outputs; o++) {
      let r = HALF;
      let g = HALF;
      let b = HALF;
      let at = (row * inputs + firsts[o]!) * 3;
      const end = o * width + counts[o]!;
      for (let w = o * width; w < end; w++) {
        const weight = fixedWeights[w]!;
        r = r + Math.imul(input[at]!, weight) | 0;
        g = g + Math.imul(input[at + 1]!, weight) | 0;
        b = b + Math.imul(input[at + 2]!, weight) | 0;
        at += 3;
      }
      output[to] = clip(r >> PRECISION_BITS);
      output[to + 1] = clip(g >> PRECISION_BITS);
      output[to + 2] = clip(b >> PRECISION_BITS);
      to += 3;
    }
  }
}

/**
 * Clips to the range of bytes. Sums leave it where weights are negative, and where thousands of rounded ones add up to
 * a little more than 1.
 */
const clip = (x: number): number => x < 0 ? 0 : x > 255 ? 255 : x;

/** Does the same as {@linkcode mixBytes} with floats, with weights and sums in double precision. */
function mixFloats(
  input: Float32Array,
  from: number,
  next: number,
  output: Float32Array,
  to: number,
  { length, inStep, outStep }: Line,
  { width, counts, weights }: Taps,
  o: number,
): void {
  const count = counts[o]!;
  const w = o * width;
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (let t = 0, at = from; t < count; t++, at += next) sum += input[at]! * weights[w + t]!;
    output[to] = sum;
    from += inStep;
    to += outStep;
  }
}
