import { loadFew, storeFew } from "./lanes";
import { multiplyAdd } from "./multiply_add";

/** The columns that are worked on at a time, so that the sums and four rows of `b` stay in the L1 cache. */
const COLUMNS: usize = 1024;

/**
 * Multiplies few rows by a matrix, neither of them packed: each number of the matrix is used for all rows at once, since
 * reading it takes most of the time. Rows are `rowBytes` apart, those of the matrix `matrixRowBytes`.
 */
export function multiplyFewRows(
  a: usize,
  b: usize,
  c: usize,
  rows: usize,
  depth: usize,
  columns: usize,
  rowBytes: usize,
  matrixRowBytes: usize,
): void {
  const resultBytes = columns * 4;
  for (let column: usize = 0; column < columns; column += COLUMNS) {
    const width = min(columns - column, COLUMNS);
    const offset = column * 4;
    for (let row: usize = 0; row < rows; row++) {
      memory.fill(c + row * resultBytes + offset, 0, width * 4);
    }
    let k: usize = 0;
    for (; k + 4 <= depth; k += 4) {
      for (let row: usize = 0; row < rows; row++) {
        addFour(
          a + row * rowBytes + k * 4,
          b + k * matrixRowBytes + offset,
          matrixRowBytes,
          c + row * resultBytes + offset,
          width,
        );
      }
    }
    for (; k < depth; k++) {
      for (let row: usize = 0; row < rows; row++) {
        const x = load<f32>(a + row * rowBytes + k * 4);
        addOne(x, b + k * matrixRowBytes + offset, c + row * resultBytes + offset, width);
      }
    }
  }
}

/** Adds four numbers of `a` times their rows of `b`. */
function addFour(a: usize, b: usize, rowBytes: usize, c: usize, columns: usize): void {
  const x0 = v128.load32_splat(a);
  const x1 = v128.load32_splat(a, 4);
  const x2 = v128.load32_splat(a, 8);
  const x3 = v128.load32_splat(a, 12);
  let b1 = b + rowBytes;
  let b2 = b1 + rowBytes;
  let b3 = b2 + rowBytes;
  const end = c + (columns & ~3) * 4;
  while (c < end) {
    let sum = multiplyAdd(x0, v128.load(b), v128.load(c));
    sum = multiplyAdd(x1, v128.load(b1), sum);
    sum = multiplyAdd(x2, v128.load(b2), sum);
    v128.store(c, multiplyAdd(x3, v128.load(b3), sum));
    b += 16;
    b1 += 16;
    b2 += 16;
    b3 += 16;
    c += 16;
  }
  const left = columns & 3;
  if (left) {
    addOne(load<f32>(a), b, c, left);
    addOne(load<f32>(a, 4), b1, c, left);
    addOne(load<f32>(a, 8), b2, c, left);
    addOne(load<f32>(a, 12), b3, c, left);
  }
}

/** Adds one number of `a` times its row of `b`, rounded as in all products. */
function addOne(x: f32, b: usize, c: usize, columns: usize): void {
  const xs = f32x4.splat(x);
  for (const end = c + (columns & ~3) * 4; c < end; c += 16, b += 16) {
    v128.store(c, multiplyAdd(xs, v128.load(b), v128.load(c)));
  }
  const left = columns & 3;
  if (left) storeFew(c, multiplyAdd(xs, loadFew(b, left), loadFew(c, left)), left);
}
