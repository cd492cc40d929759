import { loadFew } from "./lanes";

/** The columns of a tile, two vectors. */
export const TILE_COLUMNS: usize = 8;

/**
 * Tells whether the next tile has six rows, of so many that are left, or four.
 *
 * Six rows of two vectors are 12 sums. Multiply-adds have a latency of 4 cycles, and 2 begin in each, so that 8 sums would do
 * if none of them ever waited; with the numbers that they are made of 12 fill the 15 registers that V8 has. Without a multiply-add
 * products take another register. What six rows don't divide ends in one or two tiles of four.
 */
@inline
export function isForSix(rows: usize): bool {
  return ASC_FEATURE_RELAXED_SIMD && (rows >= 9 || rows == 6 || rows == 5);
}

/** Loads what a tile's first vector has of a row of so many columns. */
export function loadFirst(row: usize, columns: usize): v128 {
  return columns >= 4 ? v128.load(row) : loadFew(row, columns);
}

/** Loads what the second has. */
export function loadSecond(row: usize, columns: usize): v128 {
  return columns > 4 ? loadFew(row + 16, columns - 4) : f32x4.splat(0);
}
