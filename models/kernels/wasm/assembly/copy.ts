/** Copies `bytes`, a multiple of 4, of each of `rows` rows that lie so far apart; of one row over and over where that is 0. */
export function copyRows(
  from: usize,
  to: usize,
  rows: usize,
  fromBytes: usize,
  toBytes: usize,
  bytes: usize,
): void {
  const whole = bytes & ~15;
  for (; rows; rows--) {
    let at: usize = 0;
    for (; at < whole; at += 16) v128.store(to + at, v128.load(from + at));
    for (; at < bytes; at += 4) store<f32>(to + at, load<f32>(from + at));
    from += fromBytes;
    to += toBytes;
  }
}

/**
 * Copies images with zeros around them. Lengths of lines are in bytes; what of an image lies outside of `paddedHeight` and
 * `paddedLineBytes` is left out.
 */
export function padImages(
  x: usize,
  y: usize,
  batch: usize,
  height: usize,
  lineBytes: usize,
  paddedHeight: usize,
  paddedLineBytes: usize,
  top: usize,
  leftBytes: usize,
): void {
  const paddedBytes = paddedHeight * paddedLineBytes;
  const lines = min(height, paddedHeight - top);
  const bytes = min(lineBytes, paddedLineBytes - leftBytes);
  memory.fill(y, 0, batch * paddedBytes);
  for (let image: usize = 0; image < batch; image++) {
    let from = x;
    let to = y + top * paddedLineBytes + leftBytes;
    for (let line: usize = 0; line < lines; line++) {
      memory.copy(to, from, bytes);
      from += lineBytes;
      to += paddedLineBytes;
    }
    x += height * lineBytes;
    y += paddedBytes;
  }
}
