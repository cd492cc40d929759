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
  // Two rows of a group make a cache line.
  for (; depth >= 2; depth -= 2) {
    let p0 = load<usize>(table) + offset;
    let p1 = load<usize>(table, 4) + offset;
    let at = to;
    for (const end = p0 + whole * 4; p0 < end; p0 += 32) {
      v128.store(at, v128.load(p0));
      v128.store(at, v128.load(p0, 16), 16);
      v128.store(at, v128.load(p1), 32);
      v128.store(at, v128.load(p1, 16), 48);
      p1 += 32;
      at += groupBytes;
    }
    if (left) {
      copyFew(at, p0, left);
      copyFew(at + 32, p1, left);
    }
    table += 8;
    to += 64;
  }
  if (depth) {
    let from = load<usize>(table) + offset;
    for (const end = from + whole * 4; from < end; from += 32) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      to += groupBytes;
    }
    if (left) copyFew(to, from, left);
  }
}

/** Copies fewer than eight numbers, then zeros. */
@inline
function copyFew(to: usize, from: usize, count: usize): void {
  if (count < 4) {
    v128.store(to, loadFew(from, count));
    v128.store(to, f32x4.splat(0), 16);
  } else {
    v128.store(to, v128.load(from));
    v128.store(to, count > 4 ? loadFew(from + 16, count - 4) : f32x4.splat(0), 16);
  }
}
