import { loadFew, storeFew } from "./lanes";

/** Adds `count` numbers to as many others, in place. */
export function add(to: usize, from: usize, count: usize): void {
  for (const end = to + (count & ~7) * 4; to < end; to += 32) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    v128.store(to, f32x4.add(v128.load(to, 16), v128.load(from, 16)), 16);
    from += 32;
  }
  for (let left = count & 7; left; left--) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    to += 4;
    from += 4;
  }
}

/** Adds a row to each of `rows` rows of `columns` numbers. */
export function addRow(x: usize, row: usize, y: usize, rows: usize, columns: usize): void {
  const whole = (columns & ~3) * 4;
  const left = columns & 3;
  for (; rows; rows--) {
    let at: usize = 0;
    for (; at < whole; at += 16) {
      v128.store(y + at, f32x4.add(v128.load(x + at), v128.load(row + at)));
    }
    if (left) storeFew(y + at, f32x4.add(loadFew(x + at, left), loadFew(row + at, left)), left);
    x += columns * 4;
    y += columns * 4;
  }
}
