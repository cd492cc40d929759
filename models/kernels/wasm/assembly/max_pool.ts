/** Takes the maximum over windows as `takeMaximaOnHost` does: NaN is larger than any number. Images are NHWC. */
export function maxPool(
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
  for (let image = 0; image < batch; image++) {
    for (let row = -top, i = 0; i < outputHeight; i++, row += strideHeight) {
      const firstRow = max(row, 0);
      const rows = min(row + windowHeight, height) - firstRow;
      for (let column = -left, j = 0; j < outputWidth; j++, column += strideWidth) {
        const firstColumn = max(column, 0);
        const columns = min(column + windowWidth, width) - firstColumn;
        const corner = x + firstRow * lineBytes + firstColumn * pixelBytes;
        let channel = 0;
        for (; channel + 8 <= channels; channel += 8) {
          const at = channel * 4;
          takeEight(corner + at, y + at, rows, columns, lineBytes, pixelBytes);
        }
        if (channels >= 4) {
          // The last four may be some of those before them again.
          for (; channel < channels; channel += 4) {
            const at = min(channel, channels - 4) * 4;
            takeFour(corner + at, y + at, rows, columns, lineBytes, pixelBytes);
          }
        } else {
          for (; channel < channels; channel++) {
            const at = channel * 4;
            takeOne(corner + at, y + at, rows, columns, lineBytes, pixelBytes);
          }
        }
        y += pixelBytes;
      }
    }
    x += height * lineBytes;
  }
}

/** Takes the maxima of eight channels of one window. Comparisons leave NaN out, so that it is kept apart until the end. */
function takeEight(
  x: usize,
  y: usize,
  rows: i32,
  columns: i32,
  lineBytes: usize,
  pixelBytes: usize,
): void {
  let most0 = f32x4.splat(-Infinity);
  let most1 = most0;
  let nan0 = f32x4.splat(0);
  let nan1 = nan0;
  for (; rows > 0; rows--, x += lineBytes) {
    let at = x;
    for (let column = 0; column < columns; column++, at += pixelBytes) {
      const value0 = v128.load(at);
      const value1 = v128.load(at, 16);
      most0 = f32x4.pmax(most0, value0);
      most1 = f32x4.pmax(most1, value1);
      nan0 = v128.or(nan0, f32x4.ne(value0, value0));
      nan1 = v128.or(nan1, f32x4.ne(value1, value1));
    }
  }
  // All bits of a number together are NaN.
  v128.store(y, v128.or(most0, nan0));
  v128.store(y, v128.or(most1, nan1), 16);
}

/** Takes the maxima of four channels. */
function takeFour(
  x: usize,
  y: usize,
  rows: i32,
  columns: i32,
  lineBytes: usize,
  pixelBytes: usize,
): void {
  let most = f32x4.splat(-Infinity);
  let nan = f32x4.splat(0);
  for (; rows > 0; rows--, x += lineBytes) {
    let at = x;
    for (let column = 0; column < columns; column++, at += pixelBytes) {
      const value = v128.load(at);
      most = f32x4.pmax(most, value);
      nan = v128.or(nan, f32x4.ne(value, value));
    }
  }
  v128.store(y, v128.or(most, nan));
}

function takeOne(
  x: usize,
  y: usize,
  rows: i32,
  columns: i32,
  lineBytes: usize,
  pixelBytes: usize,
): void {
  let most: f32 = -Infinity;
  for (; rows > 0; rows--, x += lineBytes) {
    let at = x;
    // WASM's own maximum gives NaN where either is.
    for (let column = 0; column < columns; column++, at += pixelBytes) {
      most = max<f32>(most, load<f32>(at));
    }
  }
  store<f32>(y, most);
}
