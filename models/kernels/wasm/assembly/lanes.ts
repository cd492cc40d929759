/** Loads one to three numbers, then zeros. Nothing behind them is read, where the heap may end. */
@inline
export function loadFew(from: usize, count: usize): v128 {
  if (count == 1) return v128.load32_zero(from);
  const two = v128.load64_zero(from);
  return count == 2 ? two : v128.load_lane<f32>(from, two, 2, 8);
}

/** Stores the first one to three numbers. */
@inline
export function storeFew(to: usize, x: v128, count: usize): void {
  store<f32>(to, f32x4.extract_lane(x, 0));
  if (count > 1) store<f32>(to, f32x4.extract_lane(x, 1), 4);
  if (count > 2) store<f32>(to, f32x4.extract_lane(x, 2), 8);
}

/** Loads one to four numbers, then zeros. */
@inline
export function loadUpToFour(from: usize, count: usize): v128 {
  return count == 4 ? v128.load(from) : loadFew(from, count);
}

/** Stores the first one to four numbers. */
@inline
export function storeUpToFour(to: usize, x: v128, count: usize): void {
  if (count == 4) v128.store(to, x);
  else storeFew(to, x, count);
}
