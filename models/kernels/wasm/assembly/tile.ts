import { multiplyAdd } from "./multiply_add";

/** The rows of a tile: as many as a vector has lanes, so that one load brings a column of the left operand. */
export const TILE_ROWS: usize = 4;
/** The columns of a tile, two vectors. With 4 rows that is 8 sums, as many as hide the latency of a fused multiply-add. */
export const TILE_COLUMNS: usize = 8;

/**
 * Computes one tile of a product: 4 rows at `c0` to `c3`, overwritten or added to. `a` is packed, 4 rows interleaved; `b` is a
 * panel of 8 columns, of which the stretches from `stretch` to `end` are used: pairs of an offset in bytes and a length.
 *
 * A column of `a` is loaded as one vector and each lane spread: where the engine checks the bounds of every load, as V8 does
 * in Deno, that is a third faster than a load that spreads a number. Unrolling gains nothing.
 */
export function multiplyTile(
  a: usize,
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
  for (; stretch < end; stretch += 8) {
    let p = b + load<usize>(stretch);
    let length = load<usize>(stretch, 4);
    do {
      const b0 = v128.load(p);
      const b1 = v128.load(p, 16);
      const column = v128.load(a);
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
      a += 16;
      p += 32;
    } while (--length);
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
