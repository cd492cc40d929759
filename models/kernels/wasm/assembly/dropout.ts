import { computeBlocks, firstWords, secondWords } from "./threefry";

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
  computeBlocks(block, key0, key1);
  const even = maskKept(firstWords, threshold);
  const odd = maskKept(secondWords, threshold);
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
