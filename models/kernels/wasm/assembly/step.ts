/** Writes 1 for numbers above 0, `alpha` for others, NaN for NaN. */
export function step(x: usize, y: usize, count: usize, alpha: f32): void {
  const ones = f32x4.splat(1);
  const alphas = f32x4.splat(alpha);
  const zeros = f32x4.splat(0);
  for (const end = x + (count & ~3) * 4; x < end; x += 16) {
    const value = v128.load(x);
    const low = v128.bitselect(alphas, value, f32x4.le(value, zeros));
    v128.store(y, v128.bitselect(ones, low, f32x4.gt(value, zeros)));
    y += 16;
  }
  for (let left = count & 3; left; left--) {
    const value = load<f32>(x);
    store<f32>(y, value > 0 ? 1 : value <= 0 ? alpha : value);
    x += 4;
    y += 4;
  }
}
