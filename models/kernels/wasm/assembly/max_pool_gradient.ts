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
  memory.fill(dx, 0, batch * imageBytes);
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
