import { loadFew, storeFew } from "./lanes";

/** Takes the mean over windows of what of them lies in the image. Images are NHWC. */
export function avgPool(
  x: usize,
  y: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outputHeight: i32,
  outputWidth: i32,
  windowHeight: i32,
  windowWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  top: i32,
  left: i32,
): void {
  const pixelBytes = channels * 4;
  const lineBytes = width * pixelBytes;
  for (let image = 0; image < batch; image++, x += height * lineBytes) {
    for (let row = -top, i = 0; i < outputHeight; i++, row += strideHeight) {
      const firstRow = max(row, 0);
      const rows = min(row + windowHeight, height) - firstRow;
      for (let column = -left, j = 0; j < outputWidth; j++, column += strideWidth) {
        const firstColumn = max(column, 0);
        const columns = min(column + windowWidth, width) - firstColumn;
        const corner = x + firstRow * lineBytes + firstColumn * pixelBytes;
        average(corner, y, rows, columns, lineBytes, channels, f32(rows * columns));
        y += pixelBytes;
      }
    }
  }
}

/**
 * Computes the gradient of a mean over windows: each pixel gets its part of all windows that it lies in. Windows are divided
 * by all of their pixels, also those that lie on padding.
 */
export function avgPoolGradient(
  dy: usize,
  dx: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outputHeight: i32,
  outputWidth: i32,
  windowHeight: i32,
  windowWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  top: i32,
  left: i32,
): void {
  const pixelBytes = channels * 4;
  const lineBytes = outputWidth * pixelBytes;
  const area = f32(windowHeight * windowWidth);
  const isApart = strideHeight == windowHeight && strideWidth == windowWidth && (top | left) == 0 &&
    outputHeight * windowHeight == height && outputWidth * windowWidth == width;
  if (isApart && channels >= 4) {
    // Each pixel lies in one window: its gradient is divided once, for all of them.
    for (let line = 0; line < batch * outputHeight; line++, dx += height / outputHeight * width * pixelBytes) {
      for (let column = 0; column < outputWidth; column++, dy += pixelBytes) {
        spread(dy, dx + column * windowWidth * pixelBytes, windowHeight, windowWidth, width * pixelBytes, channels, area);
      }
    }
    return;
  }
  for (let image = 0; image < batch; image++, dy += outputHeight * lineBytes) {
    for (let row = top; row < top + height; row++) {
      const firstRow = findFirst(row, windowHeight, strideHeight);
      const rows = min(row / strideHeight + 1, outputHeight) - firstRow;
      for (let column = left; column < left + width; column++) {
        const firstColumn = findFirst(column, windowWidth, strideWidth);
        const columns = min(column / strideWidth + 1, outputWidth) - firstColumn;
        const corner = dy + firstRow * lineBytes + firstColumn * pixelBytes;
        average(corner, dx, rows, columns, lineBytes, channels, area);
        dx += pixelBytes;
      }
    }
  }
}

/** Finds the first window that reaches a place, which is counted from the first window's beginning. */
@inline
function findFirst(place: i32, window: i32, stride: i32): i32 {
  return place < window ? 0 : (place - window) / stride + 1;
}

/** Divides a pixel, of four channels at least, by a number, and writes it to all pixels of a rectangle. */
@inline
function spread(
  x: usize,
  y: usize,
  rows: i32,
  columns: i32,
  lineBytes: usize,
  channels: i32,
  divisor: f32,
): void {
  const pixelBytes = channels * 4;
  const divisors = f32x4.splat(divisor);
  for (let channel = 0; channel < channels; channel += 4) {
    // The last four overlap those before.
    const at = min(channel, channels - 4) * 4;
    const part = f32x4.div(f32x4.add(f32x4.splat(0), v128.load(x + at)), divisors);
    let line = y + at;
    for (let row = 0; row < rows; row++, line += lineBytes) {
      let to = line;
      for (let column = 0; column < columns; column++, to += pixelBytes) v128.store(to, part);
    }
  }
}

/** Sums a rectangle of pixels and divides by a number. */
@inline
function average(
  x: usize,
  y: usize,
  rows: i32,
  columns: i32,
  lineBytes: usize,
  channels: i32,
  divisor: f32,
): void {
  const pixelBytes = channels * 4;
  const divisors = f32x4.splat(divisor);
  if (channels < 4) {
    let sum = f32x4.splat(0);
    for (let row = 0; row < rows; row++, x += lineBytes) {
      let at = x;
      for (let column = 0; column < columns; column++, at += pixelBytes) {
        sum = f32x4.add(sum, loadFew(at, channels));
      }
    }
    storeFew(y, f32x4.div(sum, divisors), channels);
    return;
  }
  for (let channel = 0; channel < channels; channel += 4) {
    // The last four overlap those before.
    const offset = min(channel, channels - 4) * 4;
    let sum = f32x4.splat(0);
    let line = x + offset;
    for (let row = 0; row < rows; row++, line += lineBytes) {
      let at = line;
      for (let column = 0; column < columns; column++, at += pixelBytes) {
        sum = f32x4.add(sum, v128.load(at));
      }
    }
    v128.store(y + offset, f32x4.div(sum, divisors));
  }
}
