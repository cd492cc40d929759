import { multiplyAdd } from "./multiply_add";
import { isForSix, loadFirst, loadSecond, storeRow, TILE_COLUMNS } from "./tile";

/**
 * Does the same as `multiplyRows` where the left operand's columns lie together: numbers `first` bytes after the addresses in a
 * table at `sources`. A stretch's second number is an offset in the table. Up to three numbers behind a column are read.
 */
export function multiplyColumns(
  sources: usize,
  first: usize,
  b: usize,
  panelBytes: usize,
  stretch: usize,
  end: usize,
  results: usize,
  offset: usize,
  rows: usize,
  columns: usize,
  accumulate: bool,
): void {
  while (rows) {
    const six = isForSix(rows);
    const height = min(rows, six ? 6 : 4);
    const last = (height - 1) * 4;
    if (six) {
      multiplySix(sources, first, b, panelBytes, stretch, end, results, offset, last, columns, accumulate);
    } else {
      multiplyFour(sources, first, b, panelBytes, stretch, end, results, offset, last, columns, accumulate);
    }
    first += height * 4;
    results += height * 4;
    rows -= height;
  }
}

/** Computes six rows. Where there are fewer, what is behind them is written to the last, and then that over it. */
function multiplySix(
  sources: usize,
  first: usize,
  b: usize,
  panelBytes: usize,
  stretch: usize,
  end: usize,
  results: usize,
  offset: usize,
  last: usize,
  columns: usize,
  accumulate: bool,
): void {
  let p0 = load<usize>(results) + offset;
  let p1 = load<usize>(results + min(4, last)) + offset;
  let p2 = load<usize>(results + min(8, last)) + offset;
  let p3 = load<usize>(results + min(12, last)) + offset;
  let p4 = load<usize>(results + min(16, last)) + offset;
  let p5 = load<usize>(results + min(20, last)) + offset;
  for (; columns; b += panelBytes) {
    const width = min(columns, TILE_COLUMNS);
    let c00 = f32x4.splat(0);
    let c01 = c00;
    let c10 = c00;
    let c11 = c00;
    let c20 = c00;
    let c21 = c00;
    let c30 = c00;
    let c31 = c00;
    let c40 = c00;
    let c41 = c00;
    let c50 = c00;
    let c51 = c00;
    if (accumulate) {
      if (width == TILE_COLUMNS) {
        c00 = v128.load(p0);
        c01 = v128.load(p0, 16);
        c10 = v128.load(p1);
        c11 = v128.load(p1, 16);
        c20 = v128.load(p2);
        c21 = v128.load(p2, 16);
        c30 = v128.load(p3);
        c31 = v128.load(p3, 16);
        c40 = v128.load(p4);
        c41 = v128.load(p4, 16);
        c50 = v128.load(p5);
        c51 = v128.load(p5, 16);
      } else {
        c00 = loadFirst(p0, width);
        c01 = loadSecond(p0, width);
        c10 = loadFirst(p1, width);
        c11 = loadSecond(p1, width);
        c20 = loadFirst(p2, width);
        c21 = loadSecond(p2, width);
        c30 = loadFirst(p3, width);
        c31 = loadSecond(p3, width);
        c40 = loadFirst(p4, width);
        c41 = loadSecond(p4, width);
        c50 = loadFirst(p5, width);
        c51 = loadSecond(p5, width);
      }
    }
    for (let part = stretch; part < end; part += 12) {
      let panel = b + load<usize>(part);
      let table = sources + load<usize>(part, 4);
      let length = load<usize>(part, 8);
      do {
        const b0 = v128.load(panel);
        const b1 = v128.load(panel, 16);
        const from = load<usize>(table) + first;
        let x = v128.load32_splat(from);
        c00 = multiplyAdd(x, b0, c00);
        c01 = multiplyAdd(x, b1, c01);
        x = v128.load32_splat(from, 4);
        c10 = multiplyAdd(x, b0, c10);
        c11 = multiplyAdd(x, b1, c11);
        x = v128.load32_splat(from, 8);
        c20 = multiplyAdd(x, b0, c20);
        c21 = multiplyAdd(x, b1, c21);
        x = v128.load32_splat(from, 12);
        c30 = multiplyAdd(x, b0, c30);
        c31 = multiplyAdd(x, b1, c31);
        x = v128.load32_splat(from, 16);
        c40 = multiplyAdd(x, b0, c40);
        c41 = multiplyAdd(x, b1, c41);
        x = v128.load32_splat(from, 20);
        c50 = multiplyAdd(x, b0, c50);
        c51 = multiplyAdd(x, b1, c51);
        table += 4;
        panel += 32;
      } while (--length);
    }
    storeRow(p5, c50, c51, width);
    storeRow(p4, c40, c41, width);
    storeRow(p3, c30, c31, width);
    storeRow(p2, c20, c21, width);
    storeRow(p1, c10, c11, width);
    storeRow(p0, c00, c01, width);
    p0 += 32;
    p1 += 32;
    p2 += 32;
    p3 += 32;
    p4 += 32;
    p5 += 32;
    columns -= width;
  }
}

/** Computes four rows in the same way. */
function multiplyFour(
  sources: usize,
  first: usize,
  b: usize,
  panelBytes: usize,
  stretch: usize,
  end: usize,
  results: usize,
  offset: usize,
  last: usize,
  columns: usize,
  accumulate: bool,
): void {
  let p0 = load<usize>(results) + offset;
  let p1 = load<usize>(results + min(4, last)) + offset;
  let p2 = load<usize>(results + min(8, last)) + offset;
  let p3 = load<usize>(results + min(12, last)) + offset;
  for (; columns; b += panelBytes) {
    const width = min(columns, TILE_COLUMNS);
    let c00 = f32x4.splat(0);
    let c01 = c00;
    let c10 = c00;
    let c11 = c00;
    let c20 = c00;
    let c21 = c00;
    let c30 = c00;
    let c31 = c00;
    if (accumulate) {
      if (width == TILE_COLUMNS) {
        c00 = v128.load(p0);
        c01 = v128.load(p0, 16);
        c10 = v128.load(p1);
        c11 = v128.load(p1, 16);
        c20 = v128.load(p2);
        c21 = v128.load(p2, 16);
        c30 = v128.load(p3);
        c31 = v128.load(p3, 16);
      } else {
        c00 = loadFirst(p0, width);
        c01 = loadSecond(p0, width);
        c10 = loadFirst(p1, width);
        c11 = loadSecond(p1, width);
        c20 = loadFirst(p2, width);
        c21 = loadSecond(p2, width);
        c30 = loadFirst(p3, width);
        c31 = loadSecond(p3, width);
      }
    }
    for (let part = stretch; part < end; part += 12) {
      let panel = b + load<usize>(part);
      let table = sources + load<usize>(part, 4);
      let length = load<usize>(part, 8);
      do {
        const b0 = v128.load(panel);
        const b1 = v128.load(panel, 16);
        const from = load<usize>(table) + first;
        let x = v128.load32_splat(from);
        c00 = multiplyAdd(x, b0, c00);
        c01 = multiplyAdd(x, b1, c01);
        x = v128.load32_splat(from, 4);
        c10 = multiplyAdd(x, b0, c10);
        c11 = multiplyAdd(x, b1, c11);
        x = v128.load32_splat(from, 8);
        c20 = multiplyAdd(x, b0, c20);
        c21 = multiplyAdd(x, b1, c21);
        x = v128.load32_splat(from, 12);
        c30 = multiplyAdd(x, b0, c30);
        c31 = multiplyAdd(x, b1, c31);
        table += 4;
        panel += 32;
      } while (--length);
    }
    storeRow(p3, c30, c31, width);
    storeRow(p2, c20, c21, width);
    storeRow(p1, c10, c11, width);
    storeRow(p0, c00, c01, width);
    p0 += 32;
    p1 += 32;
    p2 += 32;
    p3 += 32;
    columns -= width;
  }
}
