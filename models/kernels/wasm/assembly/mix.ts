/** Computes `sum * kept + x * added` for `count` numbers in the place of `sum`. Rounding is as in `adam`. */
export function mix(sum: usize, x: usize, count: usize, kept: f32, added: f32): void {
  const kepts = f32x4.splat(kept);
  const addeds = f32x4.splat(added);
  for (const end = sum + (count & ~3) * 4; sum < end; sum += 16) {
    const mixed = f32x4.add(
      f32x4.mul(kepts, v128.load(sum)),
      f32x4.mul(addeds, v128.load(x)),
    );
    v128.store(sum, mixed);
    x += 16;
  }
  for (let left = count & 3; left; left--) {
    store<f32>(sum, kept * load<f32>(sum) + added * load<f32>(x));
    sum += 4;
    x += 4;
  }
}

/** Multiplies `count` numbers by another, in place. */
export function multiplyBy(x: usize, count: usize, factor: f32): void {
  const factors = f32x4.splat(factor);
  for (const end = x + (count & ~3) * 4; x < end; x += 16) {
    v128.store(x, f32x4.mul(v128.load(x), factors));
  }
  for (let left = count & 3; left; left--, x += 4) store<f32>(x, load<f32>(x) * factor);
}

/** Sums the squares of `count` numbers, in double precision. */
export function sumSquares(x: usize, count: usize): f64 {
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  for (const end = x + (count & ~3) * 4; x < end; x += 16) {
    const numbers = v128.load(x);
    const low = f64x2.promote_low_f32x4(numbers);
    const high = f64x2.promote_low_f32x4(i64x2.shuffle(numbers, numbers, 1, 0));
    even = f64x2.add(even, f64x2.mul(low, low));
    odd = f64x2.add(odd, f64x2.mul(high, high));
  }
  const sums = f64x2.add(even, odd);
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (let left = count & 3; left; left--) {
    const number = <f64> load<f32>(x);
    sum += number * number;
    x += 4;
  }
  return sum;
}
