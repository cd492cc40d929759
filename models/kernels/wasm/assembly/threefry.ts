/** The two words of each of the four blocks that `computeBlocks` has computed last, a block in each lane. */
export let firstWords: v128 = i32x4(0, 0, 0, 0);
export let secondWords: v128 = i32x4(0, 0, 0, 0);

/** Computes Threefry-2x32 with 20 rounds, as `threefry` does, for the counters from `block` on. */
@inline
export function computeBlocks(block: i32, key0: i32, key1: i32): void {
  const key2 = key0 ^ key1 ^ 0x1BD11BDA;
  let a = i32x4.splat(key0);
  let b = i32x4.add(i32x4.splat(block + key1), i32x4(0, 1, 2, 3));
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 13), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 15), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 26), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 6), a);
  a = i32x4.add(a, i32x4.splat(key1));
  b = i32x4.add(b, i32x4.splat(key2 + 1));
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 17), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 29), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 16), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 24), a);
  a = i32x4.add(a, i32x4.splat(key2));
  b = i32x4.add(b, i32x4.splat(key0 + 2));
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 13), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 15), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 26), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 6), a);
  a = i32x4.add(a, i32x4.splat(key0));
  b = i32x4.add(b, i32x4.splat(key1 + 3));
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 17), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 29), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 16), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 24), a);
  a = i32x4.add(a, i32x4.splat(key1));
  b = i32x4.add(b, i32x4.splat(key2 + 4));
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 13), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 15), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 26), a);
  a = i32x4.add(a, b);
  b = v128.xor(rotate(b, 6), a);
  firstWords = i32x4.add(a, i32x4.splat(key2));
  secondWords = i32x4.add(b, i32x4.splat(key0 + 5));
}

@inline
function rotate(x: v128, by: i32): v128 {
  return v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by));
}
