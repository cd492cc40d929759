import { copyEdge, loadEdge } from "./multiply";
import { multiplyAdd } from "./multiply_add";
import { TILE_COLUMNS, TILE_ROWS } from "./tile";

/**
 * Does the same as `multiply` with rows that are not packed: the addresses from which each is read are in a table at
 * `sources`. Stretches are triples: an offset in bytes in a panel, one from a row's address, and a length.
 */
export function multiplyRows(
  sources: usize,
  b: usize,
  panelBytes: usize,
  stretch: usize,
  end: usize,
  results: usize,
  offset: usize,
  rows: usize,
  columns: usize,
  accumulate: bool,
  edge: usize,
): void {
  const last = (rows - 1) * 4;
  for (let column: usize = 0; column < columns; column += TILE_COLUMNS) {
    const width = min(columns - column, TILE_COLUMNS);
    const at = offset + column * 4;
    for (let row: usize = 0; row < rows; row += TILE_ROWS) {
      const table = results + row * 4;
      const height = min(rows - row, TILE_ROWS);
      const x0 = load<usize>(sources + row * 4);
      const x1 = load<usize>(sources + min(row * 4 + 4, last));
      const x2 = load<usize>(sources + min(row * 4 + 8, last));
      const x3 = load<usize>(sources + min(row * 4 + 12, last));
      if (height == TILE_ROWS && width == TILE_COLUMNS) {
        multiplyRowsTile(
          x0,
          x1,
          x2,
          x3,
          b,
          stretch,
          end,
          load<usize>(table) + at,
          load<usize>(table, 4) + at,
          load<usize>(table, 8) + at,
          load<usize>(table, 12) + at,
          accumulate,
        );
      } else {
        if (accumulate) loadEdge(edge, table, at, height, width);
        multiplyRowsTile(
          x0,
          x1,
          x2,
          x3,
          b,
          stretch,
          end,
          edge,
          edge + 32,
          edge + 64,
          edge + 96,
          accumulate,
        );
        copyEdge(edge, table, at, height, width, false);
      }
    }
    b += panelBytes;
  }
}

/** Computes one tile as `multiplyTile` does, of four rows that begin at `x0` to `x3`. */
function multiplyRowsTile(
  x0: usize,
  x1: usize,
  x2: usize,
  x3: usize,
  b: usize,
  stretch: usize,
  end: usize,
  c0: usize,
  c1: usize,
  c2: usize,
  c3: usize,
  accumulate: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  if (accumulate) {
    c00 = v128.load(c0);
    c01 = v128.load(c0, 16);
    c10 = v128.load(c1);
    c11 = v128.load(c1, 16);
    c20 = v128.load(c2);
    c21 = v128.load(c2, 16);
    c30 = v128.load(c3);
    c31 = v128.load(c3, 16);
  }
  for (; stretch < end; stretch += 12) {
    let p = b + load<usize>(stretch);
    let at = load<usize>(stretch, 4);
    let length = load<usize>(stretch, 8);
    for (; length >= 4; length -= 4) {
      const a0 = v128.load(x0 + at);
      const a1 = v128.load(x1 + at);
      const a2 = v128.load(x2 + at);
      const a3 = v128.load(x3 + at);
      let b0 = v128.load(p);
      let b1 = v128.load(p, 16);
      let x = v128.shuffle<f32>(a0, a0, 0, 0, 0, 0);
      c00 = multiplyAdd(x, b0, c00);
      c01 = multiplyAdd(x, b1, c01);
      x = v128.shuffle<f32>(a1, a1, 0, 0, 0, 0);
      c10 = multiplyAdd(x, b0, c10);
      c11 = multiplyAdd(x, b1, c11);
      x = v128.shuffle<f32>(a2, a2, 0, 0, 0, 0);
      c20 = multiplyAdd(x, b0, c20);
      c21 = multiplyAdd(x, b1, c21);
      x = v128.shuffle<f32>(a3, a3, 0, 0, 0, 0);
      c30 = multiplyAdd(x, b0, c30);
      c31 = multiplyAdd(x, b1, c31);
      b0 = v128.load(p, 32);
      b1 = v128.load(p, 48);
      x = v128.shuffle<f32>(a0, a0, 1, 1, 1, 1);
      c00 = multiplyAdd(x, b0, c00);
      c01 = multiplyAdd(x, b1, c01);
      x = v128.shuffle<f32>(a1, a1, 1, 1, 1, 1);
      c10 = multiplyAdd(x, b0, c10);
      c11 = multiplyAdd(x, b1, c11);
      x = v128.shuffle<f32>(a2, a2, 1, 1, 1, 1);
      c20 = multiplyAdd(x, b0, c20);
      c21 = multiplyAdd(x, b1, c21);
      x = v128.shuffle<f32>(a3, a3, 1, 1, 1, 1);
      c30 = multiplyAdd(x, b0, c30);
      c31 = multiplyAdd(x, b1, c31);
      b0 = v128.load(p, 64);
      b1 = v128.load(p, 80);
      x = v128.shuffle<f32>(a0, a0, 2, 2, 2, 2);
      c00 = multiplyAdd(x, b0, c00);
      c01 = multiplyAdd(x, b1, c01);
      x = v128.shuffle<f32>(a1, a1, 2, 2, 2, 2);
      c10 = multiplyAdd(x, b0, c10);
      c11 = multiplyAdd(x, b1, c11);
      x = v128.shuffle<f32>(a2, a2, 2, 2, 2, 2);
      c20 = multiplyAdd(x, b0, c20);
      c21 = multiplyAdd(x, b1, c21);
      x = v128.shuffle<f32>(a3, a3, 2, 2, 2, 2);
      c30 = multiplyAdd(x, b0, c30);
      c31 = multiplyAdd(x, b1, c31);
      b0 = v128.load(p, 96);
      b1 = v128.load(p, 112);
      x = v128.shuffle<f32>(a0, a0, 3, 3, 3, 3);
      c00 = multiplyAdd(x, b0, c00);
      c01 = multiplyAdd(x, b1, c01);
      x = v128.shuffle<f32>(a1, a1, 3, 3, 3, 3);
      c10 = multiplyAdd(x, b0, c10);
      c11 = multiplyAdd(x, b1, c11);
      x = v128.shuffle<f32>(a2, a2, 3, 3, 3, 3);
      c20 = multiplyAdd(x, b0, c20);
      c21 = multiplyAdd(x, b1, c21);
      x = v128.shuffle<f32>(a3, a3, 3, 3, 3, 3);
      c30 = multiplyAdd(x, b0, c30);
      c31 = multiplyAdd(x, b1, c31);
      at += 16;
      p += 128;
    }
    for (; length; length--) {
      const b0 = v128.load(p);
      const b1 = v128.load(p, 16);
      let x = v128.load32_splat(x0 + at);
      c00 = multiplyAdd(x, b0, c00);
      c01 = multiplyAdd(x, b1, c01);
      x = v128.load32_splat(x1 + at);
      c10 = multiplyAdd(x, b0, c10);
      c11 = multiplyAdd(x, b1, c11);
      x = v128.load32_splat(x2 + at);
      c20 = multiplyAdd(x, b0, c20);
      c21 = multiplyAdd(x, b1, c21);
      x = v128.load32_splat(x3 + at);
      c30 = multiplyAdd(x, b0, c30);
      c31 = multiplyAdd(x, b1, c31);
      at += 4;
      p += 32;
    }
  }
  v128.store(c0, c00);
  v128.store(c0, c01, 16);
  v128.store(c1, c10);
  v128.store(c1, c11, 16);
  v128.store(c2, c20);
  v128.store(c2, c21, 16);
  v128.store(c3, c30);
  v128.store(c3, c31, 16);
}
