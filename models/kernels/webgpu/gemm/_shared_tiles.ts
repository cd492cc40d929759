import type { GemmParameters } from "./_gemm_parameters.ts";
import type { GemmLayout, GemmWidth } from "./_gemm_settings.ts";

/** The layout of a tile in shared memory: in units of `vector` numbers, `pitch` units from one line of it to the next. */
export interface SharedTile {
  readonly vector: number;
  readonly pitch: number;
  readonly size: number;
}

/**
 * Lays out the tiles in shared memory. Lines are steps of the inner dimension, with the rows or columns along them; only a left
 * operand that is loaded in fours along the inner dimension stays as it is, its lines are rows. Lines are apart by some more
 * than their length where a workgroup writes across them, so that neighbouring threads write to different banks.
 */
export function layOutTiles(
  { threads, block, depth, vector }: GemmParameters,
  layout: GemmLayout,
  width: GemmWidth,
): { readonly left: SharedTile; readonly right: SharedTile } {
  const rows = threads[0] * block[0];
  const columns = threads[1] * block[1];
  const tile = (vector: number, lines: number, pitch: number) => ({
    vector,
    pitch,
    size: lines * pitch,
  });
  const left = width.left
    ? layout.left === "inner" ? tile(4, rows, depth / 4) : tile(4, depth, rows / 4)
    : tile(1, depth, rows + (layout.left === "inner" ? 4 : 0));
  const across = columns / vector;
  const right = tile(vector, depth, across + (layout.right === "inner" ? 1 : 0));
  return { left, right };
}
