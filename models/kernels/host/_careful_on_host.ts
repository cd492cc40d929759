// Functions over arrays in main memory that take care of what isn't finite, or is very small, where tfjs's kernels on WASM don't.
import type { Windows } from "../definitions/_pool_windows.ts";

/** Limits numbers to a range. NaN stays NaN. */
export function clipOnHost(x: Float32Array, y: Float32Array, low: number, high: number): void {
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!;
    y[i] = value < low ? low : value > high ? high : value;
  }
}

/** Computes signs, 0 for NaN as PyTorch does. */
export function computeSignsOnHost(x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < x.length; i++) y[i] = x[i]! > 0 ? 1 : x[i]! < 0 ? -1 : 0;
}

/** Takes the mean of what of each window lies in the image. */
export function averageOnHost(
  x: Float32Array,
  y: Float32Array,
  { input: [batch, height, width, channels], output, window, strides, padding }: Windows,
): void {
  let at = 0;
  for (let image = 0; image < batch; image++) {
    for (let i = 0; i < output[0]; i++) {
      const top = i * strides[0] - padding[0];
      for (let j = 0; j < output[1]; j++) {
        const left = j * strides[1] - padding[1];
        for (let channel = 0; channel < channels; channel++) {
          let [sum, count] = [0, 0];
          for (let row = Math.max(top, 0); row < Math.min(top + window[0], height); row++) {
            for (let col = Math.max(left, 0); col < Math.min(left + window[1], width); col++) {
              sum += x[((image * height + row) * width + col) * channels + channel]!;
              count++;
            }
          }
          y[at++] = sum / count;
        }
      }
    }
  }
}

/**
 * Finds the place of the largest number, or of the smallest, of each line: of the first where several are, and NaN wins.
 *
 * @param inner The distance between the numbers of a line.
 */
export function findPlacesOnHost(
  x: Float32Array,
  y: Int32Array,
  length: number,
  inner: number,
  sign: 1 | -1,
): void {
  for (let line = 0; line < y.length; line++) {
    const first = Math.floor(line / inner) * inner * length + line % inner;
    let best = 0;
    for (let i = 0; i < length; i++) {
      const value = x[first + i * inner]!;
      if (Number.isNaN(value)) {
        best = i;
        break;
      }
      if (sign * value > sign * x[first + best * inner]!) best = i;
    }
    y[line] = best;
  }
}
