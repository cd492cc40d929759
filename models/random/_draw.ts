import type { Key } from "./key.ts";
import { threefry } from "./_threefry.ts";

/** A distribution of numbers. */
export type Distribution =
  | { readonly kind: "constant"; readonly value: number }
  /** In `[low, high)` but for rounding to float32, with 24 random bits each. */
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  /** With a mean that is added in single precision, none by default. */
  | { readonly kind: "normal"; readonly std: number; readonly mean?: number };

/** Numbers that are drawn with a key. */
export type Draw = Exclude<Distribution, { readonly kind: "constant" }>;

/** The size of a step of a uniform distribution. */
export const computeStep = (low: number, high: number): number => (high - low) / 0x100_0000;

/**
 * Draws numbers, each of which is a function of the key and its index.
 *
 * @param first The index of the first number; the others follow.
 */
export function drawOnHost(
  draw: Draw,
  key: Key,
  first: number,
  out: Float32Array<ArrayBuffer>,
): void {
  if (draw.kind === "uniform") drawUniform(draw.low, draw.high, key, first, out);
  else {
    drawNormal(draw.std, key, first, out);
    addMean(draw, out);
  }
}

/** Adds the mean of a normal distribution, if it has one. */
export function addMean(draw: Draw, out: Float32Array<ArrayBuffer>): void {
  if (draw.kind !== "normal" || draw.mean === undefined) return;
  for (let i = 0; i < out.length; i++) out[i]! += draw.mean;
}

function drawUniform(
  low: number,
  high: number,
  key: Key,
  first: number,
  out: Float32Array<ArrayBuffer>,
): void {
  const words = new Uint32Array(2);
  const step = computeStep(low, high);
  // A block of two words is two numbers.
  for (let i = 0 - (first & 1); i < out.length; i += 2) {
    threefry(key[0], key[1], 0, (first + i) >>> 1, words);
    if (i >= 0) out[i] = low + (words[0]! >>> 8) * step;
    if (i + 1 < out.length) out[i + 1] = low + (words[1]! >>> 8) * step;
  }
}

/** Draws from the normal distribution of mean 0 (Box and Muller, 1958). */
function drawNormal(
  std: number,
  key: Key,
  first: number,
  out: Float32Array<ArrayBuffer>,
): void {
  const words = new Uint32Array(2);
  for (let i = 0 - (first & 1); i < out.length; i += 2) {
    threefry(key[0], key[1], 0, (first + i) >>> 1, words);
    // From (0, 1], so that the logarithm is finite.
    const radius = std * Math.sqrt(-2 * Math.log((words[0]! + 1) / 0x1_0000_0000));
    const angle = (2 * Math.PI * words[1]!) / 0x1_0000_0000;
    if (i >= 0) out[i] = radius * Math.cos(angle);
    if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle);
  }
}
