// A module of its own, with a memory of its own: numbers are drawn whatever the backend is.
import { computeBlocks, firstWords, secondWords } from "./threefry";

/**
 * Draws groups of eight numbers, the first one those of the four blocks from `block` on, as `drawOnHost` does: uniform from
 * `low`, in steps of `scale`.
 */
export function drawUniforms(
  to: usize,
  groups: i32,
  block: i32,
  key0: i32,
  key1: i32,
  low: f64,
  scale: f64,
): void {
  for (; groups; groups--) {
    computeBlocks(block, key0, key1);
    const a = i32x4.shr_u(firstWords, 8);
    const b = i32x4.shr_u(secondWords, 8);
    v128.store(to, placeFour(v128.shuffle<i32>(a, b, 0, 4, 1, 5), low, scale));
    v128.store(to, placeFour(v128.shuffle<i32>(a, b, 2, 6, 3, 7), low, scale), 16);
    block += 4;
    to += 32;
  }
}

@inline
function placeFour(steps: v128, low: f64, scale: f64): v128 {
  return v128.shuffle<f32>(
    placeTwo(steps, low, scale),
    placeTwo(v128.shuffle<i32>(steps, steps, 2, 3, 2, 3), low, scale),
    0,
    1,
    4,
    5,
  );
}

@inline
function placeTwo(steps: v128, low: f64, scale: f64): v128 {
  const places = f64x2.mul(f64x2.convert_low_i32x4_s(steps), f64x2.splat(scale));
  return f32x4.demote_f64x2_zero(f64x2.add(f64x2.splat(low), places));
}

/**
 * How far a number must be from the middle between two numbers of single precision to be rounded here, in the last places of
 * double precision: hundreds of times the error of it, and of whatever else is computed in double precision.
 */
const MARGIN: i32 = 1 << 12;

/** How far it is from there less the margin, upwards and around, in the upper bits of a word, is the largest for the doubtful. */
const DOUBTFUL: i32 = MARGIN << 4;

/**
 * Draws groups of eight numbers, the first one those of the four blocks from `block` on, from the normal distribution, as
 * `drawOnHost` does (Box and Muller). Where the last bit depends on how exactly an engine computes logarithms, sines and
 * cosines, the group's first block is noted in the list at `doubtful`, for the engine to draw it.
 *
 * @returns How many are noted.
 */
export function drawNormals(
  to: usize,
  groups: i32,
  block: i32,
  key0: i32,
  key1: i32,
  std: f64,
  doubtful: usize,
): i32 {
  const list = doubtful;
  for (; groups; groups--) {
    computeBlocks(block, key0, key1);
    const a = firstWords;
    const b = secondWords;
    const nearest = i32x4.min_u(
      drawFour(to, a, b, std),
      drawFour(
        to + 16,
        v128.shuffle<i32>(a, a, 2, 3, 2, 3),
        v128.shuffle<i32>(b, b, 2, 3, 2, 3),
        std,
      ),
    );
    // The logarithm of 1, and the angles at which a sine or cosine is as good as 0.
    const special = v128.or(
      i32x4.eq(a, i32x4.splat(-1)),
      i32x4.eq(i32x4.shl(b, 2), i32x4.splat(0)),
    );
    if (v128.any_true(v128.or(special, i32x4.lt_u(nearest, i32x4.splat(DOUBTFUL))))) {
      store<i32>(doubtful, block);
      doubtful += 4;
    }
    block += 4;
    to += 32;
  }
  return (doubtful - list) >> 2;
}

/** Draws the numbers of the two blocks in the lower lanes. Gives their distances from where rounding is doubtful. */
@inline
function drawFour(to: usize, first: v128, second: v128, std: f64): v128 {
  const radius = f64x2.mul(f64x2.splat(std), f64x2.sqrt(computeSquares(first)));
  const counts = f64x2.convert_low_i32x4_u(second);
  const angle = f64x2.mul(counts, f64x2.splat(TURN));
  const quarters = f64x2.nearest(f64x2.mul(counts, f64x2.splat(QUARTERS)));
  const rest = f64x2.sub(
    f64x2.sub(angle, f64x2.mul(quarters, f64x2.splat(QUARTER_UPPER))),
    f64x2.mul(quarters, f64x2.splat(QUARTER_LOWER)),
  );
  const square = f64x2.mul(rest, rest);
  const sine = computeSine(rest, square);
  const cosine = computeCosine(square);
  // 0 to 4, in the last bits.
  const quarter = f64x2.add(quarters, f64x2.splat(INTEGER));
  const isOdd = i64x2.neg(v128.and(quarter, i64x2.splat(1)));
  const x = f64x2.mul(
    radius,
    v128.xor(
      v128.bitselect(sine, cosine, isOdd),
      i64x2.shl(v128.and(i64x2.add(quarter, i64x2.splat(1)), i64x2.splat(2)), 62),
    ),
  );
  const y = f64x2.mul(
    radius,
    v128.xor(
      v128.bitselect(cosine, sine, isOdd),
      i64x2.shl(v128.and(quarter, i64x2.splat(2)), 62),
    ),
  );
  v128.store(
    to,
    v128.shuffle<f32>(f32x4.demote_f64x2_zero(x), f32x4.demote_f64x2_zero(y), 0, 4, 1, 5),
  );
  const lower = v128.shuffle<i32>(x, y, 0, 2, 4, 6);
  // The last 29 bits are those that rounding takes away.
  return i32x4.shl(i32x4.sub(lower, i32x4.splat((1 << 28) - MARGIN)), 3);
}

/** The angle of one count, the quarters of a turn in it, and a quarter in two parts, of which the upper one has 33 bits. */
const TURN: f64 = 6.283185307179586 / 4294967296.0;
const QUARTERS: f64 = 1.0 / 1073741824.0;
const QUARTER_UPPER: f64 = 1.57079632673412561417;
const QUARTER_LOWER: f64 = 6.07710050650619224932e-11;

/** Added to a small integer, it leaves that in the last bits. */
const INTEGER: f64 = 4503599627370496.0;

/** Computes -2 times the logarithm of (n + 1) / 2^32 for two integers: those of 2^k and of a factor from √½ to √2. */
@inline
function computeSquares(n: v128): v128 {
  const x = f64x2.add(f64x2.convert_low_i32x4_u(n), f64x2.splat(1));
  const bits = i64x2.sub(x, i64x2.splat(ROOT_OF_HALF));
  const power = f64x2.sub(
    v128.or(i64x2.shr_u(bits, 52), f64x2.splat(INTEGER)),
    f64x2.splat(INTEGER + 32),
  );
  const factor = i64x2.add(
    v128.and(bits, i64x2.splat(0x000FFFFFFFFFFFFF)),
    i64x2.splat(ROOT_OF_HALF),
  );
  const f = f64x2.sub(factor, f64x2.splat(1));
  const s = f64x2.div(f, f64x2.add(f64x2.splat(2), f));
  const z = f64x2.mul(s, s);
  let sum = f64x2.splat(1.479819860511658591e-1);
  sum = f64x2.add(f64x2.mul(sum, z), f64x2.splat(1.531383769920937332e-1));
  sum = f64x2.add(f64x2.mul(sum, z), f64x2.splat(1.818357216161805012e-1));
  sum = f64x2.add(f64x2.mul(sum, z), f64x2.splat(2.222219843214978396e-1));
  sum = f64x2.add(f64x2.mul(sum, z), f64x2.splat(2.857142874366239149e-1));
  sum = f64x2.add(f64x2.mul(sum, z), f64x2.splat(3.999999999940941908e-1));
  sum = f64x2.add(f64x2.mul(sum, z), f64x2.splat(6.666666666666735130e-1));
  const logarithm = f64x2.mul(s, f64x2.add(f64x2.splat(2), f64x2.mul(sum, z)));
  return f64x2.mul(
    f64x2.splat(-2),
    f64x2.add(f64x2.mul(power, f64x2.splat(0.6931471805599453)), logarithm),
  );
}

/** The bits of √½. */
const ROOT_OF_HALF: i64 = 0x3FE6A09E667F3BCD;

// The polynomials are those of fdlibm (Sun Microsystems, 1993), right to 58 bits.

/** Computes the sine of an angle of at most an eighth of a turn. */
@inline
function computeSine(x: v128, z: v128): v128 {
  let sum = f64x2.splat(1.58969099521155010221e-10);
  sum = f64x2.add(f64x2.mul(sum, z), f64x2.splat(-2.50507602534068634195e-8));
  sum = f64x2.add(f64x2.mul(sum, z), f64x2.splat(2.75573137070700676789e-6));
  sum = f64x2.add(f64x2.mul(sum, z), f64x2.splat(-1.98412698298579493134e-4));
  sum = f64x2.add(f64x2.mul(sum, z), f64x2.splat(8.33333333332248946124e-3));
  sum = f64x2.add(f64x2.mul(sum, z), f64x2.splat(-1.66666666666666324348e-1));
  return f64x2.add(x, f64x2.mul(f64x2.mul(sum, z), x));
}

/** Computes the cosine of such an angle by its square. */
@inline
function computeCosine(z: v128): v128 {
  let sum = f64x2.splat(-1.13596475577881948265e-11);
  sum = f64x2.add(f64x2.mul(sum, z), f64x2.splat(2.08757232129817482790e-9));
  sum = f64x2.add(f64x2.mul(sum, z), f64x2.splat(-2.75573143513906633035e-7));
  sum = f64x2.add(f64x2.mul(sum, z), f64x2.splat(2.48015872894767294178e-5));
  sum = f64x2.add(f64x2.mul(sum, z), f64x2.splat(-1.38888888888741095749e-3));
  sum = f64x2.add(f64x2.mul(sum, z), f64x2.splat(4.16666666666666019037e-2));
  sum = f64x2.sub(f64x2.mul(sum, z), f64x2.splat(0.5));
  return f64x2.add(f64x2.mul(sum, z), f64x2.splat(1));
}
