import { loadFew, loadUpToFour, storeFew, storeUpToFour } from "./lanes";
import { NONE, passWithin, rectify, RELU, RELU6 } from "./relu";
import { addFour } from "./sum_rows";

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
  for (; batch; batch--, x += rows * rowBytes, y += rowBytes) {
    let column: usize = 0;
    // A cache line at a time.
    for (; column + 16 <= columns; column += 16) {
      const to = y + column * 4;
      const means = mean + column * 4;
      let from = x + column * 4;
      memory.fill(to, 0, 64);
      for (let row: usize = 0; row < rows;) {
        let sum0 = f32x4.splat(0);
        let sum1 = sum0;
        let sum2 = sum0;
        let sum3 = sum0;
        for (const end = min(row + ROWS_AT_A_TIME, rows); row < end; row++, from += rowBytes) {
          sum0 = f32x4.add(sum0, squareCentered(v128.load(from), v128.load(means)));
          sum1 = f32x4.add(sum1, squareCentered(v128.load(from, 16), v128.load(means, 16)));
          sum2 = f32x4.add(sum2, squareCentered(v128.load(from, 32), v128.load(means, 32)));
          sum3 = f32x4.add(sum3, squareCentered(v128.load(from, 48), v128.load(means, 48)));
        }
        addFour(to, sum0, sum1, sum2, sum3);
      }
    }
    for (; column < columns; column += 4) {
      const count = min(columns - column, 4);
      const means = loadUpToFour(mean + column * 4, count);
      let from = x + column * 4;
      let total = f32x4.splat(0);
      for (let row: usize = 0; row < rows;) {
        let sum = f32x4.splat(0);
        for (const end = min(row + ROWS_AT_A_TIME, rows); row < end; row++, from += rowBytes) {
          sum = f32x4.add(sum, squareCentered(loadUpToFour(from, count), means));
        }
        total = f32x4.add(total, sum);
      }
      storeUpToFour(y + column * 4, total, count);
    }
  }
}

@inline
function squareCentered(x: v128, mean: v128): v128 {
  const centered = f32x4.sub(x, mean);
  return f32x4.mul(centered, centered);
}

/**
 * Sums a gradient over the rows of each of `batch` matrices, and its products with the differences from a column's mean: where
 * results were limited, the gradient of what `x · scale + shift` passes.
 */
export function sumCenteredProducts(
  dy: usize,
  x: usize,
  mean: usize,
  own: usize,
  products: usize,
  batch: usize,
  rows: usize,
  columns: usize,
  scale: usize,
  shift: usize,
  kind: i32,
): void {
  if (kind == NONE) {
    sumProducts(dy, x, mean, own, products, batch, rows, columns, scale, shift, NONE);
  } else if (kind == RELU) {
    sumProducts(dy, x, mean, own, products, batch, rows, columns, scale, shift, RELU);
  } else {
    sumProducts(dy, x, mean, own, products, batch, rows, columns, scale, shift, RELU6);
  }
}

/** Computes `x · scale + shift` with a number of each for a column, and limits it. */
export function scaleAndShift(
  x: usize,
  scale: usize,
  shift: usize,
  y: usize,
  rows: usize,
  columns: usize,
  kind: i32,
): void {
  if (kind == NONE) scaleAll(x, scale, shift, y, rows, columns, NONE);
  else if (kind == RELU) scaleAll(x, scale, shift, y, rows, columns, RELU);
  else scaleAll(x, scale, shift, y, rows, columns, RELU6);
}

/**
 * Computes `dy · scale + x · slope + offset` with a number of each for a column: where results were limited, of the gradient
 * that `x · scale + shift` passes.
 */
export function combine(
  dy: usize,
  scale: usize,
  x: usize,
  slope: usize,
  offset: usize,
  dx: usize,
  rows: usize,
  columns: usize,
  shift: usize,
  kind: i32,
): void {
  if (kind == NONE) combineAll(dy, scale, x, slope, offset, dx, rows, columns, shift, NONE);
  else if (kind == RELU) combineAll(dy, scale, x, slope, offset, dx, rows, columns, shift, RELU);
  else combineAll(dy, scale, x, slope, offset, dx, rows, columns, shift, RELU6);
}

// Inline, so that each kind has loops of its own.

@inline
function sumProducts(
  dy: usize,
  x: usize,
  mean: usize,
  own: usize,
  products: usize,
  batch: usize,
  rows: usize,
  columns: usize,
  scale: usize,
  shift: usize,
  kind: i32,
): void {
  const rowBytes = columns * 4;
  for (; batch; batch--, x += rows * rowBytes, dy += rows * rowBytes) {
    let column: usize = 0;
    for (; column + 16 <= columns; column += 16) {
      const c = column * 4;
      let at = c;
      memory.fill(own + c, 0, 64);
      memory.fill(products + c, 0, 64);
      for (let row: usize = 0; row < rows;) {
        let sum0 = f32x4.splat(0);
        let sum1 = sum0;
        let sum2 = sum0;
        let sum3 = sum0;
        let product0 = sum0;
        let product1 = sum0;
        let product2 = sum0;
        let product3 = sum0;
        for (const end = min(row + ROWS_AT_A_TIME, rows); row < end; row++, at += rowBytes) {
          const x0 = v128.load(x + at);
          const dy0 = passed(v128.load(dy + at), x0, scale + c, shift + c, kind);
          sum0 = f32x4.add(sum0, dy0);
          product0 = f32x4.add(product0, f32x4.mul(dy0, f32x4.sub(x0, v128.load(mean + c))));
          const x1 = v128.load(x + at, 16);
          const dy1 = passed(v128.load(dy + at, 16), x1, scale + c + 16, shift + c + 16, kind);
          sum1 = f32x4.add(sum1, dy1);
          product1 = f32x4.add(product1, f32x4.mul(dy1, f32x4.sub(x1, v128.load(mean + c, 16))));
          const x2 = v128.load(x + at, 32);
          const dy2 = passed(v128.load(dy + at, 32), x2, scale + c + 32, shift + c + 32, kind);
          sum2 = f32x4.add(sum2, dy2);
          product2 = f32x4.add(product2, f32x4.mul(dy2, f32x4.sub(x2, v128.load(mean + c, 32))));
          const x3 = v128.load(x + at, 48);
          const dy3 = passed(v128.load(dy + at, 48), x3, scale + c + 48, shift + c + 48, kind);
          sum3 = f32x4.add(sum3, dy3);
          product3 = f32x4.add(product3, f32x4.mul(dy3, f32x4.sub(x3, v128.load(mean + c, 48))));
        }
        addFour(own + c, sum0, sum1, sum2, sum3);
        addFour(products + c, product0, product1, product2, product3);
      }
    }
    for (; column < columns; column += 4) {
      const c = column * 4;
      const count = min(columns - column, 4);
      const means = loadUpToFour(mean + c, count);
      const scales = kind == NONE ? means : loadUpToFour(scale + c, count);
      const shifts = kind == NONE ? means : loadUpToFour(shift + c, count);
      let at = c;
      let total = f32x4.splat(0);
      let productTotal = total;
      for (let row: usize = 0; row < rows;) {
        let sum = f32x4.splat(0);
        let product = sum;
        for (const end = min(row + ROWS_AT_A_TIME, rows); row < end; row++, at += rowBytes) {
          const numbers = loadUpToFour(x + at, count);
          const normalized = f32x4.add(f32x4.mul(numbers, scales), shifts);
          const gradient = passWithin(loadUpToFour(dy + at, count), normalized, kind);
          sum = f32x4.add(sum, gradient);
          product = f32x4.add(product, f32x4.mul(gradient, f32x4.sub(numbers, means)));
        }
        total = f32x4.add(total, sum);
        productTotal = f32x4.add(productTotal, product);
      }
      storeUpToFour(own + c, total, count);
      storeUpToFour(products + c, productTotal, count);
    }
    own += rowBytes;
    products += rowBytes;
  }
}

/** Gives the gradient that passes what four numbers were made. */
@inline
function passed(dy: v128, x: v128, scale: usize, shift: usize, kind: i32): v128 {
  if (kind == NONE) return dy;
  return passWithin(dy, f32x4.add(f32x4.mul(x, v128.load(scale)), v128.load(shift)), kind);
}

@inline
function scaleAll(
  x: usize,
  scale: usize,
  shift: usize,
  y: usize,
  rows: usize,
  columns: usize,
  kind: i32,
): void {
  const whole = (columns & ~3) * 4;
  const left = columns & 3;
  for (; rows; rows--) {
    let at: usize = 0;
    for (; at < whole; at += 16) {
      const scaled = f32x4.mul(v128.load(x + at), v128.load(scale + at));
      v128.store(y + at, rectify(f32x4.add(scaled, v128.load(shift + at)), kind));
    }
    if (left) {
      const scaled = f32x4.mul(loadFew(x + at, left), loadFew(scale + at, left));
      storeFew(y + at, rectify(f32x4.add(scaled, loadFew(shift + at, left)), kind), left);
    }
    x += columns * 4;
    y += columns * 4;
  }
}

@inline
function combineAll(
  dy: usize,
  scale: usize,
  x: usize,
  slope: usize,
  offset: usize,
  dx: usize,
  rows: usize,
  columns: usize,
  shift: usize,
  kind: i32,
): void {
  const whole = (columns & ~3) * 4;
  const left = columns & 3;
  for (; rows; rows--) {
    let at: usize = 0;
    for (; at < whole; at += 16) {
      const numbers = v128.load(x + at);
      const scales = v128.load(scale + at);
      const gradient = passed(v128.load(dy + at), numbers, scale + at, shift + at, kind);
      const sloped = f32x4.mul(numbers, v128.load(slope + at));
      v128.store(
        dx + at,
        f32x4.add(f32x4.add(f32x4.mul(gradient, scales), sloped), v128.load(offset + at)),
      );
    }
    if (left) {
      const numbers = loadFew(x + at, left);
      const scales = loadFew(scale + at, left);
      const shifts = kind == NONE ? scales : loadFew(shift + at, left);
      const normalized = f32x4.add(f32x4.mul(numbers, scales), shifts);
      const gradient = passWithin(loadFew(dy + at, left), normalized, kind);
      const sloped = f32x4.mul(numbers, loadFew(slope + at, left));
      storeFew(
        dx + at,
        f32x4.add(f32x4.add(f32x4.mul(gradient, scales), sloped), loadFew(offset + at, left)),
        left,
      );
    }
    dy += columns * 4;
    x += columns * 4;
    dx += columns * 4;
  }
}
