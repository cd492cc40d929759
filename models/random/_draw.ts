import type { Key } from "./key.ts";
import { threefry } from "./_threefry.ts";

/** Draws `count` numbers, uniform in `[low, high)` but for rounding to float32, with 24 random bits each. */
export function drawUniform(
  key: Key,
  count: number,
  low: number,
  high: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(count);
  const words = new Uint32Array(2);
  const scale = (high - low) / 0x100_0000;
  for (let i = 0; i < count; i += 2) {
    threefry(key[0], key[1], 0, i >>> 1, words);
    out[i] = low + (words[0]! >>> 8) * scale;
    if (i + 1 < count) out[i + 1] = low + (words[1]! >>> 8) * scale;
  }
  return out;
}

/** Draws `count` numbers from the normal distribution of mean 0 and a standard deviation (Box and Muller, 1958). */
export function drawNormal(
  key: Key,
  count: number,
  std: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(count);
  const words = new Uint32Array(2);
  for (let i = 0; i < count; i += 2) {
    threefry(key[0], key[1], 0, i >>> 1, words);
    // From (0, 1], so that the logarithm is finite.
    const radius = std * Math.sqrt(-2 * Math.log((words[0]! + 1) / 0x1_0000_0000));
    const angle = (2 * Math.PI * words[1]!) / 0x1_0000_0000;
    out[i] = radius * Math.cos(angle);
    if (i + 1 < count) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}
