import { loadFew } from "./lanes";

/**
 * Packs columns that lie side by side: of each of the `depth` rows, whose addresses are in a table at `table`, the `columns`
 * numbers from the byte `offset` on, into groups of eight columns. The last group is filled up with zeros.
 *
 * Rows go outside, so that each is read in one go.
 */
export function packColumns8(
  to: usize,
  groupBytes: usize,
  table: usize,
  depth: usize,
  offset: usize,
  columns: usize,
): void {
  const whole = columns & ~7;
  const left = columns & 7;
  for (; depth >= 4; depth -= 4) {
    let p0 = load<usize>(table) + offset;
    let p1 = load<usize>(table, 4) + offset;
    let p2 = load<usize>(table, 8) + offset;
    let p3 = load<usize>(table, 12) + offset;
    let at = to;
    for (const end = p0 + whole * 4; p0 < end; p0 += 32) {
      v128.store(at, v128.load(p0));
      v128.store(at, v128.load(p0, 16), 16);
      v128.store(at, v128.load(p1), 32);
      v128.store(at, v128.load(p1, 16), 48);
      v128.store(at, v128.load(p2), 64);
      v128.store(at, v128.load(p2, 16), 80);
      v128.store(at, v128.load(p3), 96);
      v128.store(at, v128.load(p3, 16), 112);
      p1 += 32;
      p2 += 32;
      p3 += 32;
      at += groupBytes;
    }
    if (left) {
      copyFew(at, p0, left);
      copyFew(at + 32, p1, left);
      copyFew(at + 64, p2, left);
      copyFew(at + 96, p3, left);
    }
    table += 16;
    to += 128;
  }
  for (; depth; depth--) {
    let from = load<usize>(table) + offset;
    let at = to;
    for (const end = from + whole * 4; from < end; from += 32) {
      v128.store(at, v128.load(from));
      v128.store(at, v128.load(from, 16), 16);
      at += groupBytes;
    }
    if (left) copyFew(at, from, left);
    table += 4;
    to += 32;
  }
}

/** Copies fewer than eight numbers, then zeros. */
function copyFew(to: usize, from: usize, count: usize): void {
  if (count < 4) {
    v128.store(to, loadFew(from, count));
    v128.store(to, f32x4.splat(0), 16);
  } else {
    v128.store(to, v128.load(from));
    v128.store(to, count > 4 ? loadFew(from + 16, count - 4) : f32x4.splat(0), 16);
  }
}
