// Convolutions of images of one channel, whose lines are then vectors themselves: four neighbouring pixels at a time meet one
// number of the filter. Images have their padding; one pixel's window begins where the pixel before's one has its second column.
import { multiplyAdd } from "./multiply_add";

/** Pixels that are computed at a time, and output channels. */
const PIXELS = 16;
const CHANNELS = 2;

/** Convolves images, given lines of at least 16 outputs, of at least 2 channels. The last ones overlap those before. */
export function convolveLines(
  x: usize,
  filter: usize,
  y: usize,
  batch: i32,
  height: i32,
  width: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  outputs: i32,
): void {
  const lineBytes: usize = (width + kernelWidth - 1) * 4;
  const pixelBytes: usize = outputs * 4;
  for (; batch; batch--, x += (kernelHeight - 1) * lineBytes) {
    for (let row = 0; row < height; row++, x += lineBytes, y += width * pixelBytes) {
      for (let column = 0; column < width; column += PIXELS) {
        const first: usize = min(column, width - PIXELS);
        for (let output = 0; output < outputs; output += CHANNELS) {
          const at: usize = min(output, outputs - CHANNELS) * 4;
          const to = y + first * pixelBytes + at;
          convolvePixels(x + first * 4, filter + at, to, lineBytes, kernelHeight, kernelWidth, pixelBytes);
        }
      }
    }
  }
}

@inline
function convolvePixels(
  x: usize,
  filter: usize,
  y: usize,
  lineBytes: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  pixelBytes: usize,
): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
  let b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  for (; kernelHeight; kernelHeight--, x += lineBytes) {
    let from = x;
    for (let tap = 0; tap < kernelWidth; tap++, from += 4, filter += pixelBytes) {
      const x0 = v128.load(from), x1 = v128.load(from, 16);
      const x2 = v128.load(from, 32), x3 = v128.load(from, 48);
      const weights = v128.load64_zero(filter);
      const a = v128.shuffle<f32>(weights, weights, 0, 0, 0, 0);
      a0 = multiplyAdd(x0, a, a0);
      a1 = multiplyAdd(x1, a, a1);
      a2 = multiplyAdd(x2, a, a2);
      a3 = multiplyAdd(x3, a, a3);
      const b = v128.shuffle<f32>(weights, weights, 1, 1, 1, 1);
      b0 = multiplyAdd(x0, b, b0);
      b1 = multiplyAdd(x1, b, b1);
      b2 = multiplyAdd(x2, b, b2);
      b3 = multiplyAdd(x3, b, b3);
    }
  }
  storePixels(y, pixelBytes, a0, b0);
  storePixels(y + 4 * pixelBytes, pixelBytes, a1, b1);
  storePixels(y + 8 * pixelBytes, pixelBytes, a2, b2);
  storePixels(y + 12 * pixelBytes, pixelBytes, a3, b3);
}

/** Stores two channels of four pixels. */
@inline
function storePixels(y: usize, pixelBytes: usize, a: v128, b: v128): void {
  v128.store_lane<f32>(y, a, 0);
  v128.store_lane<f32>(y, b, 0, 4);
  y += pixelBytes;
  v128.store_lane<f32>(y, a, 1);
  v128.store_lane<f32>(y, b, 1, 4);
  y += pixelBytes;
  v128.store_lane<f32>(y, a, 2);
  v128.store_lane<f32>(y, b, 2, 4);
  y += pixelBytes;
  v128.store_lane<f32>(y, a, 3);
  v128.store_lane<f32>(y, b, 3, 4);
}

/** Takes images of several channels apart, to one plane of all images for each channel. */
export function takeApart(x: usize, y: usize, pixels: i32, channels: i32): void {
  const planeBytes: usize = pixels * 4;
  for (let channel = 0; channel < channels; channel++, y += planeBytes) {
    let from = x + channel * 4;
    for (let at: usize = 0; at < planeBytes; at += 4, from += channels * 4) {
      store<f32>(y + at, load<f32>(from));
    }
  }
}

/**
 * Computes the gradient of the filter, given the images and the planes of the outputs' gradient, whose lines are of whole fours, of
 * four taps at least and two channels at least. The last ones overlap those before.
 */
export function convolveLinesFilterGradient(
  x: usize,
  dy: usize,
  dFilter: usize,
  batch: i32,
  height: i32,
  width: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  outputs: i32,
): void {
  const taps = kernelHeight * kernelWidth;
  const lineBytes: usize = (width + kernelWidth - 1) * 4;
  const planeBytes: usize = batch * height * width * 4;
  for (let tap = 0; tap < taps; tap += 4) {
    const first = min(tap, taps - 4);
    const at0 = findTap(first, kernelWidth, lineBytes);
    const at1 = findTap(first + 1, kernelWidth, lineBytes);
    const at2 = findTap(first + 2, kernelWidth, lineBytes);
    const at3 = findTap(first + 3, kernelWidth, lineBytes);
    for (let output = 0; output < outputs; output += CHANNELS) {
      const channel = min(output, outputs - CHANNELS);
      let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
      let b0 = a0, b1 = a0, b2 = a0, b3 = a0;
      let from = x;
      let plane = dy + channel * planeBytes;
      for (let image = 0; image < batch; image++, from += (kernelHeight - 1) * lineBytes) {
        for (let row = 0; row < height; row++, from += lineBytes) {
          let at = from;
          for (let column = 0; column < width; column += 4, at += 16, plane += 16) {
            const x0 = v128.load(at + at0), x1 = v128.load(at + at1);
            const x2 = v128.load(at + at2), x3 = v128.load(at + at3);
            const a = v128.load(plane);
            a0 = multiplyAdd(x0, a, a0);
            a1 = multiplyAdd(x1, a, a1);
            a2 = multiplyAdd(x2, a, a2);
            a3 = multiplyAdd(x3, a, a3);
            const b = v128.load(plane + planeBytes);
            b0 = multiplyAdd(x0, b, b0);
            b1 = multiplyAdd(x1, b, b1);
            b2 = multiplyAdd(x2, b, b2);
            b3 = multiplyAdd(x3, b, b3);
          }
        }
      }
      const to = dFilter + (first * outputs + channel) * 4;
      storeSums(to, a0, b0);
      storeSums(to + outputs * 4, a1, b1);
      storeSums(to + outputs * 8, a2, b2);
      storeSums(to + outputs * 12, a3, b3);
    }
  }
}

/** Finds where a tap of the kernel reads, from the first tap on. */
@inline
function findTap(tap: i32, kernelWidth: i32, lineBytes: usize): usize {
  return tap / kernelWidth * lineBytes + tap % kernelWidth * 4;
}

@inline
function storeSums(to: usize, a: v128, b: v128): void {
  store<f32>(to, sum(a));
  store<f32>(to, sum(b), 4);
}

@inline
function sum(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) +
    (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}
