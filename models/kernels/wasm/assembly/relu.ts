import { loadFew, storeFew } from "./lanes";

/** What limits the results of a pass, by number: nothing, `max(x, 0)`, or that and at most 6. NaN stays NaN. */
export const NONE = 0;
export const RELU = 1;
export const RELU6 = 2;

/** Limits numbers. */
@inline
export function rectify(x: v128, kind: i32): v128 {
  if (kind == NONE) return x;
  const positive = v128.andnot(x, f32x4.le(x, f32x4.splat(0)));
  return kind == RELU ? positive : f32x4.min(positive, f32x4.splat(6));
}

/** Lets a gradient pass where numbers lie within the limits, given before or after they were limited. */
@inline
export function passWithin(dy: v128, x: v128, kind: i32): v128 {
  if (kind == NONE) return dy;
  const below = f32x4.le(x, f32x4.splat(0));
  return v128.andnot(dy, kind == RELU ? below : v128.or(below, f32x4.ge(x, f32x4.splat(6))));
}

/** Computes `max(x, 0)`, or at most 6 of it. NaN, which is not at most 0, stays NaN. */
export function relu(x: usize, y: usize, count: usize, kind: i32): void {
  if (kind == RELU) rectifyAll(x, y, count, RELU);
  else rectifyAll(x, y, count, RELU6);
}

/** Computes its gradient: none where `x`, or what was made of it, is at a limit or beyond, which NaN is not. */
export function reluGradient(x: usize, dy: usize, dx: usize, count: usize, kind: i32): void {
  if (kind == RELU) passAllWithin(x, dy, dx, count, RELU);
  else passAllWithin(x, dy, dx, count, RELU6);
}

/** Computes `x`, and `x · slope` where it is not above 0. */
export function leakyRelu(x: usize, y: usize, count: usize, slope: f32): void {
  for (const end = x + (count & ~3) * 4; x < end; x += 16, y += 16) {
    v128.store(y, lean(v128.load(x), v128.load(x), slope));
  }
  const left = count & 3;
  if (left) storeFew(y, lean(loadFew(x, left), loadFew(x, left), slope), left);
}

/** Computes its gradient. */
export function leakyReluGradient(
  x: usize,
  dy: usize,
  dx: usize,
  count: usize,
  slope: f32,
): void {
  for (const end = x + (count & ~3) * 4; x < end; x += 16, dy += 16, dx += 16) {
    v128.store(dx, lean(v128.load(dy), v128.load(x), slope));
  }
  const left = count & 3;
  if (left) storeFew(dx, lean(loadFew(dy, left), loadFew(x, left), slope), left);
}

// Inline, so that each kind has a loop of its own.

@inline
function rectifyAll(x: usize, y: usize, count: usize, kind: i32): void {
  for (const end = x + (count & ~3) * 4; x < end; x += 16, y += 16) {
    v128.store(y, rectify(v128.load(x), kind));
  }
  const left = count & 3;
  if (left) storeFew(y, rectify(loadFew(x, left), kind), left);
}

@inline
function passAllWithin(x: usize, dy: usize, dx: usize, count: usize, kind: i32): void {
  for (const end = x + (count & ~3) * 4; x < end; x += 16, dy += 16, dx += 16) {
    v128.store(dx, passWithin(v128.load(dy), v128.load(x), kind));
  }
  const left = count & 3;
  if (left) storeFew(dx, passWithin(loadFew(dy, left), loadFew(x, left), kind), left);
}

/** Multiplies by the slope where a condition's number is not above 0, as NaN isn't. */
@inline
function lean(numbers: v128, x: v128, slope: f32): v128 {
  const scaled = f32x4.mul(numbers, f32x4.splat(slope));
  return v128.bitselect(numbers, scaled, f32x4.gt(x, f32x4.splat(0)));
}
