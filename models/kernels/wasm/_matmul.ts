import type { BoundModule } from "./_bound_module.ts";
import { multiply, PRODUCT_BYTES } from "./_product.ts";

/** A matrix in the heap. */
export interface Matrix {
  readonly address: number;
  /** Whether it lies in the heap with columns and rows exchanged. */
  readonly transposed: boolean;
  /** How many numbers further each line in the heap begins, where they are some columns of a larger matrix. */
  readonly width?: number;
}

/** Fewer rows don't pay for packing the right operand. */
const LEAST_PACKED_ROWS = 6;

/** Multiplies two matrices, `[rows, depth]` and `[depth, columns]`, and writes the product, whose lines lie one after the other, to an address. */
export function multiplyMatrices(
  module: BoundModule,
  a: Matrix,
  b: Matrix,
  result: number,
  [rows, depth, columns]: readonly [number, number, number],
): void {
  const { functions } = module;
  const widths = {
    a: a.width ?? (a.transposed ? rows : depth),
    b: b.width ?? (b.transposed ? depth : columns),
  };
  if (rows < LEAST_PACKED_ROWS && !a.transposed && !b.transposed) {
    functions.multiplyFewRows(
      a.address,
      b.address,
      result,
      rows,
      depth,
      columns,
      widths.a * 4,
      widths.b * 4,
    );
    return;
  }
  const lines = { a: a.transposed ? depth : rows, b: b.transposed ? columns : depth };
  const tables = module.workspace(PRODUCT_BYTES + 4 * (lines.a + lines.b + rows)) + PRODUCT_BYTES;
  const inA = tables;
  const inB = inA + 4 * lines.a;
  const results = inB + 4 * lines.b;
  writeLines(module, inA, lines.a, a.address, widths.a);
  writeLines(module, inB, lines.b, b.address, widths.b);
  writeLines(module, results, rows, result, columns);
  multiply(module, tables - PRODUCT_BYTES, {
    depth,
    columns,
    rows: [{
      count: rows,
      results,
      stretches: [{ start: 0, length: depth }],
      read: a.transposed
        ? (to, bytes, row, rows, _, skip, length) =>
          functions.packColumns8(to, bytes, inA + skip * 4, length, row * 4, rows)
        : { rows: inA },
    }],
    packColumns: b.transposed
      ? (to, bytes, start, depth, column, columns) =>
        functions.packRows8(to, bytes, inB + column * 4, columns, start * 4, depth)
      : (to, bytes, start, depth, column, columns) =>
        functions.packColumns8(to, bytes, inB + start * 4, depth, column * 4, columns),
  });
}

/** Writes a table of the addresses of a matrix's lines. */
function writeLines(
  { functions }: BoundModule,
  table: number,
  lines: number,
  address: number,
  width: number,
): void {
  functions.tabulate(table, address, 1, 0, 1, 0, lines, width * 4);
}
