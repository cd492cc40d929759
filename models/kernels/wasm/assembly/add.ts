import { loadFew, loadUpToFour, storeFew, storeUpToFour } from "./lanes";
import { NONE, passWithin, rectify, RELU } from "./relu";
import { addFour } from "./sum_rows";

/** The rows that are added up before they are added to the sum, as in `sumRows`. */
const ROWS_AT_A_TIME: usize = 128;

/** Adds `count` numbers to as many others, in place. */
export function add(to: usize, from: usize, count: usize): void {
  for (const end = to + (count & ~7) * 4; to < end; to += 32) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    v128.store(to, f32x4.add(v128.load(to, 16), v128.load(from, 16)), 16);
    from += 32;
  }
  for (let left = count & 7; left; left--) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    to += 4;
    from += 4;
  }
}

/** Adds a row to each of `rows` rows of `columns` numbers, and limits them. */
export function addRow(
  x: usize,
  row: usize,
  y: usize,
  rows: usize,
  columns: usize,
  kind: i32,
): void {
  if (kind == NONE) addToAll(x, row, y, rows, columns, NONE);
  else addToAll(x, row, y, rows, columns, RELU);
}

/**
 * Computes the gradients of that with a limit of `max(x, 0)`, given what it gave: of the rows, what passes of `dy`, and of the
 * row, the sum of that.
 */
export function addRowGradients(
  y: usize,
  dy: usize,
  dx: usize,
  dRow: usize,
  rows: usize,
  columns: usize,
): void {
  const rowBytes = columns * 4;
  memory.fill(dRow, 0, rowBytes);
  for (let first: usize = 0; first < rows; first += ROWS_AT_A_TIME) {
    const count = min(ROWS_AT_A_TIME, rows - first);
    const end = (first + count) * rowBytes;
    let column: usize = 0;
    // A cache line at a time.
    for (; column + 16 <= columns; column += 16) {
      let sum0 = f32x4.splat(0);
      let sum1 = sum0;
      let sum2 = sum0;
      let sum3 = sum0;
      for (let at = first * rowBytes + column * 4; at < end; at += rowBytes) {
        const dx0 = passWithin(v128.load(dy + at), v128.load(y + at), RELU);
        const dx1 = passWithin(v128.load(dy + at, 16), v128.load(y + at, 16), RELU);
        const dx2 = passWithin(v128.load(dy + at, 32), v128.load(y + at, 32), RELU);
        const dx3 = passWithin(v128.load(dy + at, 48), v128.load(y + at, 48), RELU);
        v128.store(dx + at, dx0);
        v128.store(dx + at, dx1, 16);
        v128.store(dx + at, dx2, 32);
        v128.store(dx + at, dx3, 48);
        sum0 = f32x4.add(sum0, dx0);
        sum1 = f32x4.add(sum1, dx1);
        sum2 = f32x4.add(sum2, dx2);
        sum3 = f32x4.add(sum3, dx3);
      }
      addFour(dRow + column * 4, sum0, sum1, sum2, sum3);
    }
    for (; column < columns; column += 4) {
      const few = min(columns - column, 4);
      let sum = f32x4.splat(0);
      for (let at = first * rowBytes + column * 4; at < end; at += rowBytes) {
        const passed = passWithin(loadUpToFour(dy + at, few), loadUpToFour(y + at, few), RELU);
        storeUpToFour(dx + at, passed, few);
        sum = f32x4.add(sum, passed);
      }
      const to = dRow + column * 4;
      storeUpToFour(to, f32x4.add(loadUpToFour(to, few), sum), few);
    }
  }
}

@inline
function addToAll(
  x: usize,
  row: usize,
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
      v128.store(y + at, rectify(f32x4.add(v128.load(x + at), v128.load(row + at)), kind));
    }
    if (left) {
      const sum = f32x4.add(loadFew(x + at, left), loadFew(row + at, left));
      storeFew(y + at, rectify(sum, kind), left);
    }
    x += columns * 4;
    y += columns * 4;
  }
}
