// AssemblyScript. Compiled by build_mix_rows.ts.

/**
 * Writes rows of bytes that are weighted sums of rows of bytes: rounded, and clipped to bytes. Whatever `rowLength` is, it
 * works on 16 bytes at a time: up to 15 behind the last row are overwritten, and input as far beyond its end is read.
 *
 * @param taps For each output row its first input row and a number of pairs of rows; then for each pair the upper parts of
 * its two weights, as 16 bits each, and the lower 11 bits of them.
 */
export function mixRows(
  input: usize,
  rowLength: usize,
  output: usize,
  outputs: i32,
  taps: usize,
): void {
  for (; outputs; outputs--) {
    const first = input + load<i32>(taps) * rowLength;
    const pairs = load<i32>(taps, 4);
    taps += 8;
    if (pairs == 1) mixPair(first, rowLength, output, taps);
    else mixPairs(first, rowLength, output, taps, pairs);
    taps += pairs * 8;
    output += rowLength;
  }
}

/** The half that is added before the last 22 bits are dropped. */
const HALF: i32 = 1 << 21;

/** Mixes the row of one pair, as when enlarging bilinearly. */

@inline
function mixPair(above: usize, rowLength: usize, output: usize, taps: usize): void {
  const upper = v128.load32_splat(taps);
  const lower = v128.load32_splat(taps, 4);
  const half = i32x4.splat(HALF);
  for (let at: usize = 0; at < rowLength; at += 16) {
    const a = v128.load(above + at);
    const b = v128.load(above + rowLength + at);
    const low = interleaveLow(a, b);
    const high = interleaveHigh(a, b);
    store16(
      output + at,
      i32x4.add(half, sum(i16x8.extend_low_i8x16_u(low), upper, lower)),
      i32x4.add(half, sum(i16x8.extend_high_i8x16_u(low), upper, lower)),
      i32x4.add(half, sum(i16x8.extend_low_i8x16_u(high), upper, lower)),
      i32x4.add(half, sum(i16x8.extend_high_i8x16_u(high), upper, lower)),
    );
  }
}

/** Mixes the row of any number of pairs. */

@inline
function mixPairs(
  first: usize,
  rowLength: usize,
  output: usize,
  taps: usize,
  pairs: i32,
): void {
  for (let at: usize = 0; at < rowLength; at += 16) {
    let sum0 = i32x4.splat(HALF);
    let sum1 = sum0;
    let sum2 = sum0;
    let sum3 = sum0;
    let row = first + at;
    let tap = taps;
    for (let pair = pairs; pair; pair--) {
      const upper = v128.load32_splat(tap);
      const lower = v128.load32_splat(tap, 4);
      const a = v128.load(row);
      const b = v128.load(row + rowLength);
      const low = interleaveLow(a, b);
      const high = interleaveHigh(a, b);
      sum0 = i32x4.add(sum0, sum(i16x8.extend_low_i8x16_u(low), upper, lower));
      sum1 = i32x4.add(sum1, sum(i16x8.extend_high_i8x16_u(low), upper, lower));
      sum2 = i32x4.add(sum2, sum(i16x8.extend_low_i8x16_u(high), upper, lower));
      sum3 = i32x4.add(sum3, sum(i16x8.extend_high_i8x16_u(high), upper, lower));
      row += 2 * rowLength;
      tap += 8;
    }
    store16(output + at, sum0, sum1, sum2, sum3);
  }
}

/**
 * Writes rows of bytes each of which is the weighted sum of two bytes of its input row. Those of 16 bytes side by side are
 * less than 16 bytes apart. It writes and reads beyond the ends as `mixRows` does.
 *
 * @param table For each 16 bytes of an output row, where their 16 bytes of the input row begin, and 12 bytes of nothing;
 * the places of each two in them, for 8 and 8; and for 4, 4, 4 and 4 the upper parts of their weights and the lower ones.
 */
export function mixColumns(
  input: usize,
  inputLength: usize,
  output: usize,
  rowLength: usize,
  rows: i32,
  table: usize,
): void {
  const half = i32x4.splat(HALF);
  for (; rows; rows--) {
    let block = table;
    for (let at: usize = 0; at < rowLength; at += 16) {
      const samples = v128.load(input + load<u32>(block));
      const low = i8x16.swizzle(samples, v128.load(block, 16));
      const high = i8x16.swizzle(samples, v128.load(block, 32));
      const low0 = i16x8.extend_low_i8x16_u(low);
      const low1 = i16x8.extend_high_i8x16_u(low);
      const high0 = i16x8.extend_low_i8x16_u(high);
      const high1 = i16x8.extend_high_i8x16_u(high);
      store16(
        output + at,
        i32x4.add(half, sum(low0, v128.load(block, 48), v128.load(block, 64))),
        i32x4.add(half, sum(low1, v128.load(block, 80), v128.load(block, 96))),
        i32x4.add(half, sum(high0, v128.load(block, 112), v128.load(block, 128))),
        i32x4.add(half, sum(high1, v128.load(block, 144), v128.load(block, 160))),
      );
      block += 176;
    }
    input += inputLength;
    output += rowLength;
  }
}

/**
 * Writes rows of pixels of up to four bytes, each the weighted sum of any number of pixels side by side of its input row: as
 * rows shrink. It reads up to 15 bytes beyond the end of the input, and writes up to 3 beyond that of the output.
 *
 * @param taps For each output pixel its first input pixel and a number of pairs of pixels, and the pairs as `mixRows` has them.
 */
export function mixPixels(
  input: usize,
  inputLength: usize,
  output: usize,
  outputs: i32,
  rows: i32,
  channels: usize,
  taps: usize,
): void {
  // The places of the samples of two pixels, channel by channel; beyond the last channel whatever comes is overwritten.
  const places = i8x16.add(
    i8x16(0, -1, 0, -1, 1, -1, 1, -1, 2, -1, 2, -1, 3, -1, 3, -1),
    i32x4.splat(<i32>channels << 16),
  );
  const half = i32x4.splat(HALF);
  const zero = i32x4.splat(0);
  for (; rows; rows--) {
    let tap = taps;
    let to = output;
    for (let o = outputs; o; o--) {
      let at = input + <usize>load<i32>(tap) * channels;
      let pairs = load<i32>(tap, 4);
      tap += 8;
      let upper = zero;
      let lower = half;
      for (; pairs; pairs--) {
        const samples = i8x16.swizzle(v128.load64_zero(at), places);
        upper = i32x4.add(upper, i32x4.dot_i16x8_s(samples, v128.load32_splat(tap)));
        lower = i32x4.add(lower, i32x4.dot_i16x8_s(samples, v128.load32_splat(tap, 4)));
        at += 2 * channels;
        tap += 8;
      }
      const sums = i32x4.shr_s(i32x4.add(i32x4.shl(upper, 11), lower), 22);
      const words = i16x8.narrow_i32x4_s(sums, zero);
      v128.store32_lane(to, i8x16.narrow_i16x8_u(words, zero), 0);
      to += channels;
    }
    input += inputLength;
    output += <usize>outputs * channels;
  }
}

@inline
function interleaveLow(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

@inline
function interleaveHigh(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Sums each two samples side by side, weighted. The weights have 23 bits and are multiplied in two parts of 16. */

@inline
function sum(samples: v128, upper: v128, lower: v128): v128 {
  return i32x4.add(
    i32x4.shl(i32x4.dot_i16x8_s(samples, upper), 11),
    i32x4.dot_i16x8_s(samples, lower),
  );
}

/** Stores sums as bytes. Narrowing clips them: they leave the range of bytes where weights are negative. */

@inline
function store16(output: usize, sum0: v128, sum1: v128, sum2: v128, sum3: v128): void {
  const low = i16x8.narrow_i32x4_s(i32x4.shr_s(sum0, 22), i32x4.shr_s(sum1, 22));
  const high = i16x8.narrow_i32x4_s(i32x4.shr_s(sum2, 22), i32x4.shr_s(sum3, 22));
  v128.store(output, i8x16.narrow_i16x8_u(low, high));
}
