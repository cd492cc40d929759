import { multiplyTile, TILE_COLUMNS, TILE_ROWS } from "./tile";

/**
 * Computes a block of a product: `rows` rows, whose addresses are in a table at `results`, `columns` columns from the byte `offset`
 * of each. `a` holds tiles of 4 rows, each `depth` columns long; `b` panels of 8 columns, `panelBytes` apart, of which the
 * stretches from `stretch` to `end` are used, `depth` rows together. `edge` is room for one tile.
 */
export function multiply(
  a: usize,
  b: usize,
  panelBytes: usize,
  stretch: usize,
  end: usize,
  depth: usize,
  results: usize,
  offset: usize,
  rows: usize,
  columns: usize,
  accumulate: bool,
  edge: usize,
): void {
  const tileBytes = depth * TILE_ROWS * 4;
  for (let column: usize = 0; column < columns; column += TILE_COLUMNS) {
    const width = min(columns - column, TILE_COLUMNS);
    const at = offset + column * 4;
    let tile = a;
    for (let row: usize = 0; row < rows; row += TILE_ROWS) {
      const table = results + row * 4;
      const height = min(rows - row, TILE_ROWS);
      if (height == TILE_ROWS && width == TILE_COLUMNS) {
        multiplyTile(
          tile,
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
        // From what lies there on, as in a whole tile: a row's numbers don't depend on how many rows there are.
        if (accumulate) loadEdge(edge, table, at, height, width);
        multiplyTile(tile, b, stretch, end, edge, edge + 32, edge + 64, edge + 96, accumulate);
        copyEdge(edge, table, at, height, width, false);
      }
      tile += tileBytes;
    }
    b += panelBytes;
  }
}

/** Copies what lies in the product where a tile's part of it does to the tile. */
export function loadEdge(
  edge: usize,
  table: usize,
  offset: usize,
  rows: usize,
  columns: usize,
): void {
  for (let row: usize = 0; row < rows; row++) {
    memory.copy(edge + row * 32, load<usize>(table + row * 4) + offset, columns * 4);
  }
}

/** Copies the part of a tile that belongs to the product: the rest is of rows and columns that only fill it up. */
export function copyEdge(
  edge: usize,
  table: usize,
  offset: usize,
  rows: usize,
  columns: usize,
  accumulate: bool,
): void {
  for (let row: usize = 0; row < rows; row++) {
    const result = load<usize>(table + row * 4) + offset;
    const sums = edge + row * 32;
    if (columns >= 4) {
      // The last four may be some of the first four again, whose sums are the same.
      const last = (columns - 4) * 4;
      let first = v128.load(sums);
      let second = v128.load(sums + last);
      if (accumulate) {
        first = f32x4.add(v128.load(result), first);
        second = f32x4.add(v128.load(result + last), second);
      }
      v128.store(result, first);
      v128.store(result + last, second);
      continue;
    }
    for (let column: usize = 0; column < columns; column++) {
      const sum = load<f32>(sums + column * 4);
      const at = result + column * 4;
      store<f32>(at, accumulate ? load<f32>(at) + sum : sum);
    }
  }
}
