import { copyEdge } from "./multiply";
import { multiplyAdd } from "./multiply_add";
import { TILE_COLUMNS, TILE_ROWS } from "./tile";

/**
 * Does the same as `multiply` with columns that are not packed: numbers `first` bytes after the addresses in a table at `sources`
 * are a column of the left operand. Stretches are triples: an offset in bytes in a panel, one in the table, and a length. Up to
 * three numbers behind a column are read.
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
  edge: usize,
): void {
  for (let column: usize = 0; column < columns; column += TILE_COLUMNS) {
    const width = min(columns - column, TILE_COLUMNS);
    const at = offset + column * 4;
    for (let row: usize = 0; row < rows; row += TILE_ROWS) {
      const table = results + row * 4;
      const height = min(rows - row, TILE_ROWS);
      multiplyColumnsTile(sources, first + row * 4, b, stretch, end, edge);
      copyEdge(edge, table, at, height, width, accumulate);
    }
    b += panelBytes;
  }
}

/** Computes one tile as `multiplyTile` does. Its sums are of long columns, so that where they are put makes no difference. */
function multiplyColumnsTile(
  sources: usize,
  first: usize,
  b: usize,
  stretch: usize,
  end: usize,
  c: usize,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (; stretch < end; stretch += 12) {
    let p = b + load<usize>(stretch);
    let table = sources + load<usize>(stretch, 4);
    let length = load<usize>(stretch, 8);
    do {
      const b0 = v128.load(p);
      const b1 = v128.load(p, 16);
      const column = v128.load(load<usize>(table) + first);
      let x = v128.shuffle<f32>(column, column, 0, 0, 0, 0);
      c00 = multiplyAdd(x, b0, c00);
      c01 = multiplyAdd(x, b1, c01);
      x = v128.shuffle<f32>(column, column, 1, 1, 1, 1);
      c10 = multiplyAdd(x, b0, c10);
      c11 = multiplyAdd(x, b1, c11);
      x = v128.shuffle<f32>(column, column, 2, 2, 2, 2);
      c20 = multiplyAdd(x, b0, c20);
      c21 = multiplyAdd(x, b1, c21);
      x = v128.shuffle<f32>(column, column, 3, 3, 3, 3);
      c30 = multiplyAdd(x, b0, c30);
      c31 = multiplyAdd(x, b1, c31);
      table += 4;
      p += 32;
    } while (--length);
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c10, 32);
  v128.store(c, c11, 48);
  v128.store(c, c20, 64);
  v128.store(c, c21, 80);
  v128.store(c, c30, 96);
  v128.store(c, c31, 112);
}
