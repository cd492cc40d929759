// Kernels that run over arrays in main memory, of which WASM's heap is one.
import { threefry } from "../../random/_threefry.ts";
import type { DropoutAttrs } from "../definitions/_kernel_names.ts";
import type { Windows } from "../definitions/_pool_windows.ts";

/** Computes the number of 24 bits below which a random word drops its element. */
export function computeDropoutThreshold(rate: number): number {
  return Math.round(rate * 0x100_0000);
}

/** Drops elements by counter: see `DROPOUT`. */
export function dropOnHost(
  x: Float32Array,
  result: Float32Array,
  { rate, key0, key1, offset = 0 }: DropoutAttrs,
): void {
  const threshold = computeDropoutThreshold(rate);
  const scale = Math.fround(1 / (1 - rate));
  const words = new Uint32Array(2);
  // The first block may have begun before the first element.
  for (let i = -(offset % 2); i < x.length; i += 2) {
    threefry(key0, key1, 0, (i + offset) / 2, words);
    if (i >= 0) result[i] = words[0]! >>> 8 < threshold ? 0 : x[i]! * scale;
    if (i + 1 < x.length) result[i + 1] = words[1]! >>> 8 < threshold ? 0 : x[i + 1]! * scale;
  }
}

/** Computes `max(x, 0)`. NaN stays NaN. */
export function rectifyOnHost(x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < x.length; i++) y[i] = x[i]! <= 0 ? 0 : x[i]!;
}

/** Computes the gradient of `max(x, 0)`. NaN is not at most 0, and passes its gradient on, as in PyTorch. */
export function computeReluGradientOnHost(
  x: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
): void {
  for (let i = 0; i < x.length; i++) dx[i] = x[i]! <= 0 ? 0 : dy[i]!;
}

/** Tells whether NaN is among numbers. */
export function hasNaN(x: Float32Array): boolean {
  for (let i = 0; i < x.length; i++) if (Number.isNaN(x[i]!)) return true;
  return false;
}

/** Takes the maximum over windows; NaN is larger than any number. */
export function takeMaximaOnHost(x: Float32Array, y: Float32Array, windows: Windows): void {
  visitMaxima(x, windows, (place, output) => y[output] = place < 0 ? -Infinity : x[place]!);
}

/**
 * Computes the gradient of a maximum over windows: all of it goes to a window's first maximum, or to its last NaN, as in PyTorch.
 * `dx` starts as zeros.
 */
export function computeMaxPoolGradientOnHost(
  x: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
  windows: Windows,
): void {
  visitMaxima(x, windows, (place, output) => {
    if (place >= 0) dx[place]! += dy[output]!;
  });
}

/** Visits the windows with the place of each one's maximum, -1 where a window lies on padding alone. */
function visitMaxima(
  x: Float32Array,
  { input: [batch, height, width, channels], output, window, strides, padding }: Windows,
  visit: (place: number, output: number) => void,
): void {
  let at = 0;
  for (let image = 0; image < batch; image++) {
    for (let i = 0; i < output[0]; i++) {
      const top = i * strides[0] - padding[0];
      for (let j = 0; j < output[1]; j++) {
        const left = j * strides[1] - padding[1];
        for (let channel = 0; channel < channels; channel++, at++) {
          let best = -1;
          for (let row = Math.max(top, 0); row < Math.min(top + window[0], height); row++) {
            for (let col = Math.max(left, 0); col < Math.min(left + window[1], width); col++) {
              const here = ((image * height + row) * width + col) * channels + channel;
              if (best < 0 || x[here]! > x[best]! || Number.isNaN(x[here]!)) best = here;
            }
          }
          visit(best, at);
        }
      }
    }
  }
}
