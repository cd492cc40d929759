import { computeBell, computeNormal, computeSigmoid, computeTanh, exponential } from "./exponential";
import { loadFew, storeFew } from "./lanes";

/** The functions by number. */
const SIGMOID = 0;
const TANH = 1;
const SILU = 2;
const GELU = 3;

/** Computes an activation function of `count` numbers, other than the sigmoid, at which XNNPACK is faster. */
export function activate(x: usize, y: usize, count: usize, kind: i32): void {
  if (kind == TANH) computeAll(x, y, count, TANH);
  else if (kind == SILU) computeAll(x, y, count, SILU);
  else computeAll(x, y, count, GELU);
}

/** Computes its gradient, of the function's results for the first and of its input for the others. */
export function activateGradient(
  x: usize,
  dy: usize,
  dx: usize,
  count: usize,
  kind: i32,
): void {
  if (kind == SIGMOID) computeGradients(x, dy, dx, count, SIGMOID);
  else if (kind == TANH) computeGradients(x, dy, dx, count, TANH);
  else if (kind == SILU) computeGradients(x, dy, dx, count, SILU);
  else computeGradients(x, dy, dx, count, GELU);
}

// Inline, so that each kind has a loop of its own.

@inline
function computeAll(x: usize, y: usize, count: usize, kind: i32): void {
  for (const end = x + (count & ~3) * 4; x < end; x += 16, y += 16) {
    v128.store(y, compute(v128.load(x), kind));
  }
  const left = count & 3;
  if (left) storeFew(y, compute(loadFew(x, left), kind), left);
}

@inline
function computeGradients(x: usize, dy: usize, dx: usize, count: usize, kind: i32): void {
  for (const end = x + (count & ~3) * 4; x < end; x += 16, dy += 16, dx += 16) {
    v128.store(dx, f32x4.mul(v128.load(dy), computeSlope(v128.load(x), kind)));
  }
  const left = count & 3;
  if (left) storeFew(dx, f32x4.mul(loadFew(dy, left), computeSlope(loadFew(x, left), kind)), left);
}

@inline
function compute(x: v128, kind: i32): v128 {
  if (kind == TANH) return computeTanh(x);
  return f32x4.mul(x, kind == SILU ? computeSigmoid(x) : computeNormal(x));
}

@inline
function computeSlope(x: v128, kind: i32): v128 {
  const ones = f32x4.splat(1);
  if (kind == SIGMOID) return f32x4.mul(x, f32x4.sub(ones, x));
  if (kind == TANH) {
    // Not 1 less a square, which has few digits far from 0: 4 e / (1 + e)² of e^-2|x|.
    const power = exponential(f32x4.mul(f32x4.abs(x), f32x4.splat(-2)));
    const sum = f32x4.add(ones, power);
    return f32x4.div(f32x4.mul(power, f32x4.splat(4)), f32x4.mul(sum, sum));
  }
  if (kind == SILU) {
    const gate = computeSigmoid(x);
    return f32x4.mul(gate, f32x4.add(ones, f32x4.mul(x, f32x4.sub(ones, gate))));
  }
  const density = f32x4.mul(computeBell(x), f32x4.splat(0.3989422804014327));
  return f32x4.add(computeNormal(x), f32x4.mul(x, density));
}
