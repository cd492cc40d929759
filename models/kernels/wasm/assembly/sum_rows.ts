import { loadUpToFour, storeUpToFour } from "./lanes";

/** The rows that are added up before they are added to the sum, which keeps the rounding errors of long sums small. */
const ROWS_AT_A_TIME: usize = 128;

/** Sums `rows` rows of `columns` numbers each. */
export function sumRows(x: usize, y: usize, rows: usize, columns: usize): void {
  const rowBytes = columns * 4;
  let column: usize = 0;
  // A cache line at a time.
  for (; column + 16 <= columns; column += 16) {
    const to = y + column * 4;
    let from = x + column * 4;
    memory.fill(to, 0, 64);
    for (let row: usize = 0; row < rows;) {
      let sum0 = f32x4.splat(0);
      let sum1 = sum0;
      let sum2 = sum0;
      let sum3 = sum0;
      for (const end = min(row + ROWS_AT_A_TIME, rows); row < end; row++, from += rowBytes) {
        sum0 = f32x4.add(sum0, v128.load(from));
        sum1 = f32x4.add(sum1, v128.load(from, 16));
        sum2 = f32x4.add(sum2, v128.load(from, 32));
        sum3 = f32x4.add(sum3, v128.load(from, 48));
      }
      addFour(to, sum0, sum1, sum2, sum3);
    }
  }
  for (; column < columns; column += 4) {
    const count = min(columns - column, 4);
    let from = x + column * 4;
    let total = f32x4.splat(0);
    for (let row: usize = 0; row < rows;) {
      let sum = f32x4.splat(0);
      for (const end = min(row + ROWS_AT_A_TIME, rows); row < end; row++, from += rowBytes) {
        sum = f32x4.add(sum, loadUpToFour(from, count));
      }
      total = f32x4.add(total, sum);
    }
    storeUpToFour(y + column * 4, total, count);
  }
}

/** Adds four vectors to those that lie at an address. */
@inline
export function addFour(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(to, f32x4.add(v128.load(to), a));
  v128.store(to, f32x4.add(v128.load(to, 16), b), 16);
  v128.store(to, f32x4.add(v128.load(to, 32), c), 32);
  v128.store(to, f32x4.add(v128.load(to, 48), d), 48);
}
