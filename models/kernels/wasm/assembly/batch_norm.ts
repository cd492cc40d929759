import { loadFew, loadUpToFour, storeFew, storeUpToFour } from "./lanes";

/** The rows that are added up before they are added to the sum, which keeps the rounding errors of long sums small. */
const ROWS_AT_A_TIME: usize = 128;

/** Sums the squares of the differences from a column's mean over the rows of each of `batch` matrices. */
export function sumCenteredSquares(
  x: usize,
  mean: usize,
  y: usize,
  batch: usize,
  rows: usize,
  columns: usize,
): void {
  const rowBytes = columns * 4;
  for (; batch; batch--, x += rows * rowBytes) {
    for (let column: usize = 0; column < columns; column += 4, y += 16) {
      const count = min(columns - column, 4);
      const means = loadUpToFour(mean + column * 4, count);
      let from = x + column * 4;
      let total = f32x4.splat(0);
      for (let row: usize = 0; row < rows;) {
        let sum = f32x4.splat(0);
        for (const end = min(row + ROWS_AT_A_TIME, rows); row < end; row++, from += rowBytes) {
          const centered = f32x4.sub(loadUpToFour(from, count), means);
          sum = f32x4.add(sum, f32x4.mul(centered, centered));
        }
        total = f32x4.add(total, sum);
      }
      storeUpToFour(y, total, count);
    }
    y -= (((columns + 3) & ~3) - columns) * 4;
  }
}

/** Sums a gradient over the rows of each of `batch` matrices, and its products with the differences from a column's mean. */
export function sumCenteredProducts(
  dy: usize,
  x: usize,
  mean: usize,
  own: usize,
  products: usize,
  batch: usize,
  rows: usize,
  columns: usize,
): void {
  const rowBytes = columns * 4;
  for (; batch; batch--, x += rows * rowBytes, dy += rows * rowBytes) {
    for (let column: usize = 0; column < columns; column += 4) {
      const count = min(columns - column, 4);
      const means = loadUpToFour(mean + column * 4, count);
      let at = column * 4;
      let total = f32x4.splat(0);
      let productTotal = total;
      for (let row: usize = 0; row < rows;) {
        let sum = f32x4.splat(0);
        let product = sum;
        for (const end = min(row + ROWS_AT_A_TIME, rows); row < end; row++, at += rowBytes) {
          const gradient = loadUpToFour(dy + at, count);
          const centered = f32x4.sub(loadUpToFour(x + at, count), means);
          sum = f32x4.add(sum, gradient);
          product = f32x4.add(product, f32x4.mul(gradient, centered));
        }
        total = f32x4.add(total, sum);
        productTotal = f32x4.add(productTotal, product);
      }
      storeUpToFour(own + column * 4, total, count);
      storeUpToFour(products + column * 4, productTotal, count);
    }
    own += rowBytes;
    products += rowBytes;
  }
}

/** Computes `x · scale + shift` with a number of each for a column. */
export function scaleAndShift(
  x: usize,
  scale: usize,
  shift: usize,
  y: usize,
  rows: usize,
  columns: usize,
): void {
  const whole = (columns & ~3) * 4;
  const left = columns & 3;
  for (; rows; rows--) {
    let at: usize = 0;
    for (; at < whole; at += 16) {
      const scaled = f32x4.mul(v128.load(x + at), v128.load(scale + at));
      v128.store(y + at, f32x4.add(scaled, v128.load(shift + at)));
    }
    if (left) {
      const scaled = f32x4.mul(loadFew(x + at, left), loadFew(scale + at, left));
      storeFew(y + at, f32x4.add(scaled, loadFew(shift + at, left)), left);
    }
    x += columns * 4;
    y += columns * 4;
  }
}

/** Computes `dy · scale + x · slope + shift` with a number of each for a column. */
export function combine(
  dy: usize,
  scale: usize,
  x: usize,
  slope: usize,
  shift: usize,
  dx: usize,
  rows: usize,
  columns: usize,
): void {
  const whole = (columns & ~3) * 4;
  const left = columns & 3;
  for (; rows; rows--) {
    let at: usize = 0;
    for (; at < whole; at += 16) {
      const scaled = f32x4.mul(v128.load(dy + at), v128.load(scale + at));
      const sloped = f32x4.mul(v128.load(x + at), v128.load(slope + at));
      v128.store(dx + at, f32x4.add(f32x4.add(scaled, sloped), v128.load(shift + at)));
    }
    if (left) {
      const scaled = f32x4.mul(loadFew(dy + at, left), loadFew(scale + at, left));
      const sloped = f32x4.mul(loadFew(x + at, left), loadFew(slope + at, left));
      storeFew(dx + at, f32x4.add(f32x4.add(scaled, sloped), loadFew(shift + at, left)), left);
    }
    dy += columns * 4;
    x += columns * 4;
    dx += columns * 4;
  }
}
