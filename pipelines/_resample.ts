import { newData } from "./_image_data.ts";
import { PRECISION_BITS, type Taps } from "./_taps.ts";
import type { ImageData } from "./image.ts";

/**
 * Resamples the middle axis of an array of the shape `[outer, taps.inputs, inner]`. The columns of an image are the
 * middle axis of `[height, width, channels]`, its rows that of `[1, height, width * channels]`.
 */
export function resample<D extends ImageData>(
  input: D,
  outer: number,
  inner: number,
  taps: Taps,
): D {
  const { inputs, outputs, firsts } = taps;
  const output = newData(input, outer * outputs * inner);
  const outerAxis = { length: outer, inStep: inputs * inner, outStep: outputs * inner };
  const innerAxis = { length: inner, inStep: 1, outStep: 1 };
  // One set of weights serves a whole line across: the longer it is, the better.
  const [line, lines] = outer > inner ? [outerAxis, innerAxis] : [innerAxis, outerAxis];
  for (let o = 0; o < outputs; o++) {
    for (let l = 0; l < lines.length; l++) {
      const from = firsts[o] * inner + l * lines.inStep;
      const to = o * inner + l * lines.outStep;
      if (input instanceof Uint8Array) {
        mixBytes(input, from, inner, output as Uint8Array, to, line, taps, o);
      } else {
        mixFloats(input, from, inner, output as Float32Array, to, line, taps, o);
      }
    }
  }
  return output;
}

/** A line of samples at a fixed distance, which differs between input and output. */
interface Line {
  readonly length: number;
  readonly inStep: number;
  readonly outStep: number;
}

const HALF = 1 << (PRECISION_BITS - 1);

/** Writes the line of output `o`: a weighted sum of lines of the input, the first at `from`, `next` from one to another. */
function mixBytes(
  input: Uint8Array,
  from: number,
  next: number,
  output: Uint8Array,
  to: number,
  { length, inStep, outStep }: Line,
  { width, counts, fixedWeights }: Taps,
  o: number,
): void {
  const count = counts[o];
  const w = o * width;
  if (count === 2) { // Nearly always so when enlarging.
    const w0 = fixedWeights[w];
    const w1 = fixedWeights[w + 1];
    for (let i = 0; i < length; i++) {
      const sum = Math.imul(input[from], w0) + Math.imul(input[from + next], w1);
      output[to] = sum + HALF >> PRECISION_BITS;
      from += inStep;
      to += outStep;
    }
    return;
  }
  for (let i = 0; i < length; i++) {
    let sum = HALF;
    for (let t = 0, at = from; t < count; t++, at += next) {
      sum = sum + Math.imul(input[at], fixedWeights[w + t]) | 0;
    }
    // Thousands of rounded weights may add up to a little more than 1.
    output[to] = Math.min(sum >> PRECISION_BITS, 255);
    from += inStep;
    to += outStep;
  }
}

/** As {@linkcode mixBytes}, with weights and sums in double precision. */
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
  const count = counts[o];
  const w = o * width;
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (let t = 0, at = from; t < count; t++, at += next) sum += input[at] * weights[w + t];
    output[to] = sum;
    from += inStep;
    to += outStep;
  }
}
