import { loadUpToFour, storeUpToFour } from "./lanes";

/** The rows that are added up before they are added to the sum, which keeps the rounding errors of long sums small. */
const ROWS_AT_A_TIME: usize = 128;

/** Sums `rows` rows of `columns` numbers each. */
export function sumRows(x: usize, y: usize, rows: usize, columns: usize): void {
  const rowBytes = columns * 4;
  let column: usize = 0;
  for (; column + 8 <= columns; column += 8) {
    let from = x + column * 4;
    let total0 = f32x4.splat(0);
    let total1 = total0;
    for (let row: usize = 0; row < rows;) {
      let sum0 = f32x4.splat(0);
      let sum1 = sum0;
      for (const end = min(row + ROWS_AT_A_TIME, rows); row < end; row++, from += rowBytes) {
        sum0 = f32x4.add(sum0, v128.load(from));
        sum1 = f32x4.add(sum1, v128.load(from, 16));
      }
      total0 = f32x4.add(total0, sum0);
      total1 = f32x4.add(total1, sum1);
    }
    v128.store(y + column * 4, total0);
    v128.store(y + column * 4, total1, 16);
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
