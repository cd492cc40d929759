/**
 * Computes the gradient of a maximum over windows as `computeMaxPoolGradientOnHost` does: all of it goes to a window's first
 * maximum, or to its last NaN.
 * Images are NHWC.
 */
export function maxPoolGradient(
  x: usize,
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
  const lineBytes = width * pixelBytes;
  const imageBytes = height * lineBytes;
  // Windows of four pixels beside each other, the commonest by far: each pixel is written once.
  const areFours = windowHeight == 2 && windowWidth == 2 && strideHeight == 2 && strideWidth == 2;
  const areAll = areFours && height == 2 * outputHeight && width == 2 * outputWidth &&
    (top | left | (channels & 3)) == 0;
  if (!areAll) memory.fill(dx, 0, batch * imageBytes);
  for (let image = 0; image < batch; image++) {
    for (let row = -top, i = 0; i < outputHeight; i++, row += strideHeight) {
      const firstRow = max(row, 0);
      const rows = min(row + windowHeight, height) - firstRow;
      for (let column = -left, j = 0; j < outputWidth; j++, column += strideWidth) {
        const firstColumn = max(column, 0);
        const columns = min(column + windowWidth, width) - firstColumn;
        const corner = firstRow * lineBytes + firstColumn * pixelBytes;
        // A window that lies on padding alone has no maximum.
        if (rows > 0 && columns > 0) {
          let channel = 0;
          if (areFours && rows == 2 && columns == 2) {
            for (; channel + 4 <= channels; channel += 4) {
              const at = corner + channel * 4;
              giveFourOfFour(x + at, dx + at, dy + channel * 4, lineBytes, pixelBytes);
            }
          }
          for (; channel + 4 <= channels; channel += 4) {
            const at = corner + channel * 4;
            giveFour(x + at, dx + at, dy + channel * 4, rows, columns, lineBytes, pixelBytes);
          }
          for (; channel < channels; channel++) {
            const at = corner + channel * 4;
            giveOne(x + at, dx + at, dy + channel * 4, rows, columns, lineBytes, pixelBytes);
          }
        }
        dy += pixelBytes;
      }
    }
    x += imageBytes;
    dx += imageBytes;
  }
}

/** Gives four channels of one window of 2 x 2 their gradients, where no other window has its pixels. */
@inline
function giveFourOfFour(
  x: usize,
  dx: usize,
  dy: usize,
  lineBytes: usize,
  pixelBytes: usize,
): void {
  const value0 = v128.load(x);
  const value1 = v128.load(x + pixelBytes);
  const value2 = v128.load(x + lineBytes);
  const value3 = v128.load(x + lineBytes + pixelBytes);
  const larger1 = v128.or(f32x4.gt(value1, value0), f32x4.ne(value1, value1));
  const best1 = v128.bitselect(value1, value0, larger1);
  const larger2 = v128.or(f32x4.gt(value2, best1), f32x4.ne(value2, value2));
  const best2 = v128.bitselect(value2, best1, larger2);
  const larger3 = v128.or(f32x4.gt(value3, best2), f32x4.ne(value3, value3));
  const gradient = v128.load(dy);
  const upTo2 = v128.andnot(gradient, larger3);
  const upTo1 = v128.andnot(upTo2, larger2);
  v128.store(dx, v128.andnot(upTo1, larger1));
  v128.store(dx + pixelBytes, v128.and(upTo1, larger1));
  v128.store(dx + lineBytes, v128.and(upTo2, larger2));
  v128.store(dx + lineBytes + pixelBytes, v128.and(gradient, larger3));
}

/** Gives four channels of one window their gradients. */
function giveFour(
  x: usize,
  dx: usize,
  dy: usize,
  rows: i32,
  columns: i32,
  lineBytes: usize,
  pixelBytes: usize,
): void {
  let best = v128.load(x);
  let bestAt = i32x4.splat(0);
  let cell = 0;
  let line = x;
  for (let row = 0; row < rows; row++, line += lineBytes) {
    let at = line;
    for (let column = 0; column < columns; column++, at += pixelBytes, cell++) {
      const value = v128.load(at);
      const larger = v128.or(f32x4.gt(value, best), f32x4.ne(value, value));
      best = v128.bitselect(value, best, larger);
      bestAt = v128.bitselect(i32x4.splat(cell), bestAt, larger);
    }
  }
  const gradient = v128.load(dy);
  cell = 0;
  line = dx;
  for (let row = 0; row < rows; row++, line += lineBytes) {
    let at = line;
    for (let column = 0; column < columns; column++, at += pixelBytes, cell++) {
      const share = v128.and(gradient, i32x4.eq(bestAt, i32x4.splat(cell)));
      v128.store(at, f32x4.add(v128.load(at), share));
    }
  }
}

function giveOne(
  x: usize,
  dx: usize,
  dy: usize,
  rows: i32,
  columns: i32,
  lineBytes: usize,
  pixelBytes: usize,
): void {
  let best = load<f32>(x);
  let bestAt: usize = 0;
  let line: usize = 0;
  for (let row = 0; row < rows; row++, line += lineBytes) {
    let at = line;
    for (let column = 0; column < columns; column++, at += pixelBytes) {
      const value = load<f32>(x + at);
      if (value > best || value != value) {
        best = value;
        bestAt = at;
      }
    }
  }
  store<f32>(dx + bestAt, load<f32>(dx + bestAt) + load<f32>(dy));
}
