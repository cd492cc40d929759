// Lines of a tile, four channels at a time.
import { multiplyAdd } from "../multiply_add";

/** Computes `a + x · b`. */
@inline
export function addTimes(a: v128, x: f32, b: v128): v128 {
  return multiplyAdd(f32x4.splat(x), b, a);
}

/** Computes `x · a`. */
@inline
export function times(x: f32, a: v128): v128 {
  return f32x4.mul(f32x4.splat(x), a);
}

/** Loads four channels of a pixel, whose address is in a table: so many bytes after it. */
@inline
export function pixel(table: usize, at: usize): v128 {
  return v128.load(load<usize>(table) + at);
}

/** Stores four channels of a pixel, whose address is in a table. */
@inline
export function storePixel(table: usize, at: usize, x: v128): void {
  v128.store(load<usize>(table) + at, x);
}

/** Stores the sum and the difference of two vectors: what a polynomial is at a point and at the one opposite. */
@inline
export function storeOpposites(to: usize, step: usize, even: v128, odd: v128): void {
  v128.store(to, f32x4.add(even, odd));
  v128.store(to + step, f32x4.sub(even, odd));
}
