/**
 * Packs rows whose numbers are contiguous: of each of the `rows` rows, whose addresses are in a table at `table`, the
 * `length` numbers from the byte `offset` on, eight rows interleaved. The last group is filled up with its last row.
 */
export function packRows8(
  to: usize,
  groupBytes: usize,
  table: usize,
  rows: usize,
  offset: usize,
  length: usize,
): void {
  for (let row: usize = 0; row < rows; row += 8) {
    interleave(to, table, row, rows, offset, length);
    interleave(to + 16, table, row + 4, rows, offset, length);
    to += groupBytes;
  }
}

function interleave(
  to: usize,
  table: usize,
  row: usize,
  rows: usize,
  offset: usize,
  length: usize,
): void {
  const last = rows - 1;
  let p0: usize = load<usize>(table + min(row, last) * 4) + offset;
  let p1: usize = load<usize>(table + min(row + 1, last) * 4) + offset;
  let p2: usize = load<usize>(table + min(row + 2, last) * 4) + offset;
  let p3: usize = load<usize>(table + min(row + 3, last) * 4) + offset;
  for (; length >= 4; length -= 4) {
    const a = v128.load(p0);
    const b = v128.load(p1);
    const c = v128.load(p2);
    const d = v128.load(p3);
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    v128.store(to, v128.shuffle<f64>(ab, cd, 0, 2));
    to += 32;
    v128.store(to, v128.shuffle<f64>(ab, cd, 1, 3));
    to += 32;
    const ef = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const gh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f64>(ef, gh, 0, 2));
    to += 32;
    v128.store(to, v128.shuffle<f64>(ef, gh, 1, 3));
    to += 32;
    p0 += 16;
    p1 += 16;
    p2 += 16;
    p3 += 16;
  }
  for (; length; length--) {
    store<f32>(to, load<f32>(p0));
    store<f32>(to, load<f32>(p1), 4);
    store<f32>(to, load<f32>(p2), 8);
    store<f32>(to, load<f32>(p3), 12);
    to += 32;
    p0 += 4;
    p1 += 4;
    p2 += 4;
    p3 += 4;
  }
}
