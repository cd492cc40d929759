/** Adds `count` numbers to as many others, in place; a multiple of 8. */
export function add(to: usize, from: usize, count: usize): void {
  for (const end = to + count * 4; to < end; to += 32) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    v128.store(to, f32x4.add(v128.load(to, 16), v128.load(from, 16)), 16);
    from += 32;
  }
}
