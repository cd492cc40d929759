import { multiplyAdd } from "./multiply_add";

/**
 * Computes `e^x`, with an error of about the last bit: a power of 2 times that of the rest, which lies within half a
 * logarithm of 2 around 0, where a polynomial fits. From 89 on it is Infinity, from -88 down 0; NaN stays NaN.
 */
@inline
export function exponential(x: v128): v128 {
  // Of two numbers these take the first where it is NaN.
  const limited = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(-88));
  // A number of this size has no place for a fraction: the last bits are the power, an integer.
  const large = f32x4.splat(12582912);
  const bits = multiplyAdd(limited, f32x4.splat(1.4426950408889634), large);
  const power = f32x4.sub(bits, large);
  // The logarithm of 2 in two parts, of which the first times an integer is exact.
  let rest = multiplyAdd(power, f32x4.splat(-0.693145751953125), limited);
  rest = multiplyAdd(power, f32x4.splat(-1.4286068203094172e-6), rest);
  let sum = multiplyAdd(f32x4.splat(0.0013941166), rest, f32x4.splat(0.0083632052));
  sum = multiplyAdd(sum, rest, f32x4.splat(0.0416663747));
  sum = multiplyAdd(sum, rest, f32x4.splat(0.1666657683));
  sum = multiplyAdd(sum, rest, f32x4.splat(0.5));
  sum = multiplyAdd(f32x4.mul(rest, rest), sum, f32x4.add(rest, f32x4.splat(1)));
  return f32x4.mul(sum, i32x4.shl(i32x4.add(bits, i32x4.splat(127)), 23));
}

/** Computes `1 / (1 + e^-x)`. */
@inline
export function computeSigmoid(x: v128): v128 {
  const ones = f32x4.splat(1);
  return f32x4.div(ones, f32x4.add(ones, exponential(f32x4.neg(x))));
}

/** Computes the hyperbolic tangent: near 0, where a difference of exponentials has few digits, by a polynomial. */
@inline
export function computeTanh(x: v128): v128 {
  const ones = f32x4.splat(1);
  const twos = f32x4.splat(2);
  const far = f32x4.sub(
    ones,
    f32x4.div(twos, f32x4.add(ones, exponential(f32x4.mul(x, twos)))),
  );
  const square = f32x4.mul(x, x);
  let sum = multiplyAdd(f32x4.splat(-0.0061916583), square, f32x4.splat(0.0210885714));
  sum = multiplyAdd(sum, square, f32x4.splat(-0.0538794451));
  sum = multiplyAdd(sum, square, f32x4.splat(0.1333308558));
  sum = multiplyAdd(sum, square, f32x4.splat(-0.3333333737));
  const near = multiplyAdd(f32x4.mul(sum, square), x, x);
  return v128.bitselect(near, far, f32x4.lt(square, f32x4.splat(0.4)));
}

/**
 * Computes the normal distribution's function. What lies beyond `z` of it, which is `e^(-z²/2)` times a function that falls
 * slowly, is a polynomial of `t = 1 / (1 + 0.44 z / √2)` times that: of all its digits, however small it is.
 */
@inline
export function computeNormal(x: v128): v128 {
  const ones = f32x4.splat(1);
  const t = f32x4.div(ones, multiplyAdd(f32x4.abs(x), f32x4.splat(0.3111269837220809), ones));
  let sum = multiplyAdd(f32x4.splat(0.07122317975), t, f32x4.splat(-0.2779468007));
  sum = multiplyAdd(sum, t, f32x4.splat(0.2966853704));
  sum = multiplyAdd(sum, t, f32x4.splat(-0.020178728));
  sum = multiplyAdd(sum, t, f32x4.splat(0.2158112164));
  sum = multiplyAdd(sum, t, f32x4.splat(0.2173138534));
  sum = multiplyAdd(sum, t, f32x4.splat(0.2488711338));
  sum = multiplyAdd(sum, t, f32x4.splat(0.2482209565));
  const tail = f32x4.mul(f32x4.mul(sum, t), f32x4.mul(computeBell(x), f32x4.splat(0.5)));
  return v128.bitselect(tail, f32x4.sub(ones, tail), f32x4.lt(x, f32x4.splat(0)));
}

/** Computes `e^(-x²/2)`. */
@inline
export function computeBell(x: v128): v128 {
  return exponential(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5)));
}
