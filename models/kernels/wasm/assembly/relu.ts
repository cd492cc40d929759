/** Computes `max(x, 0)`. NaN, which is not at most 0, stays NaN. */
export function relu(x: usize, y: usize, count: usize): void {
  const zeros = f32x4.splat(0);
  for (const end = x + (count & ~3) * 4; x < end; x += 16) {
    const value = v128.load(x);
    v128.store(y, v128.andnot(value, f32x4.le(value, zeros)));
    y += 16;
  }
  for (let left = count & 3; left; left--) {
    const value = load<f32>(x);
    store<f32>(y, value <= 0 ? 0 : value);
    x += 4;
    y += 4;
  }
}

/** Computes the gradient of `max(x, 0)`: none where `x` is at most 0, which NaN is not. */
export function reluGradient(x: usize, dy: usize, dx: usize, count: usize): void {
  const zeros = f32x4.splat(0);
  for (const end = x + (count & ~3) * 4; x < end; x += 16) {
    v128.store(dx, v128.andnot(v128.load(dy), f32x4.le(v128.load(x), zeros)));
    dy += 16;
    dx += 16;
  }
  for (let left = count & 3; left; left--) {
    store<f32>(dx, load<f32>(x) <= 0 ? 0 : load<f32>(dy));
    x += 4;
    dy += 4;
    dx += 4;
  }
}
