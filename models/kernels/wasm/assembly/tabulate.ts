/** Writes a table of addresses, those of three nested loops: so many steps of so many bytes each from `address` on. */
export function tabulate(
  table: usize,
  address: usize,
  outer: usize,
  outerBytes: usize,
  middle: usize,
  middleBytes: usize,
  inner: usize,
  innerBytes: usize,
): void {
  for (; outer; outer--, address += outerBytes) {
    let line = address;
    for (let i = middle; i; i--, line += middleBytes) {
      let at = line;
      for (const end = table + inner * 4; table < end; table += 4, at += innerBytes) {
        store<usize>(table, at);
      }
    }
  }
}
