/** Tells whether none of `count` numbers is NaN or infinite, of which 0 times the number makes NaN. */
export function areFinite(x: usize, count: usize): bool {
  const zeros = f32x4.splat(0);
  let sum = zeros;
  for (const end = x + (count & ~3) * 4; x < end; x += 16) {
    sum = f32x4.add(sum, f32x4.mul(v128.load(x), zeros));
  }
  let rest: f32 = 0;
  for (let left = count & 3; left; left--, x += 4) rest += load<f32>(x) * 0;
  return v128.all_true<i32>(f32x4.eq(sum, zeros)) && rest == 0;
}
