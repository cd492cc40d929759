/**
 * Drops elements by counter as `dropOnHost` does: with `n = i + offset`, element `i` is dropped where word `n % 2` of
 * Threefry's block `n / 2`, shifted to 24 bits, is below `threshold`; the others are scaled. `edge` is room for 8 numbers.
 */
export function dropout(
  x: usize,
  y: usize,
  count: usize,
  key0: i32,
  key1: i32,
  offset: u32,
  threshold: i32,
  scale: f32,
  edge: usize,
): void {
  let block: i32 = offset >>> 1;
  if (offset & 1 && count) {
    // The second of a block whose first is before these.
    memory.copy(edge + 4, x, 4);
    dropEight(edge, edge, block, key0, key1, threshold, scale);
    memory.copy(y, edge + 4, 4);
    block++;
    x += 4;
    y += 4;
    count--;
  }
  for (const end = x + (count & ~7) * 4; x < end; x += 32) {
    dropEight(x, y, block, key0, key1, threshold, scale);
    block += 4;
    y += 32;
  }
  const left = (count & 7) * 4;
  if (left) {
    memory.copy(edge, x, left);
    dropEight(edge, edge, block, key0, key1, threshold, scale);
    memory.copy(y, edge, left);
  }
}

/** Drops from eight elements, those of four blocks, one block in each lane. */
@inline
function dropEight(
  x: usize,
  y: usize,
  block: i32,
  key0: i32,
  key1: i32,
  threshold: i32,
  scale: f32,
): void {
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
  a = i32x4.add(a, i32x4.splat(key2));
  b = i32x4.add(b, i32x4.splat(key0 + 5));
  const even = maskKept(a, threshold);
  const odd = maskKept(b, threshold);
  const low = v128.shuffle<i32>(even, odd, 0, 4, 1, 5);
  const high = v128.shuffle<i32>(even, odd, 2, 6, 3, 7);
  const scales = f32x4.splat(scale);
  v128.store(y, v128.and(f32x4.mul(v128.load(x), scales), low));
  v128.store(y, v128.and(f32x4.mul(v128.load(x, 16), scales), high), 16);
}

/** Gives all bits of the lanes that are kept. */
@inline
function maskKept(words: v128, threshold: i32): v128 {
  return i32x4.ge_s(i32x4.shr_u(words, 8), i32x4.splat(threshold));
}

@inline
function rotate(x: v128, by: i32): v128 {
  return v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by));
}
