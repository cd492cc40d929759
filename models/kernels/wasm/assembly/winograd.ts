// Convolutions of 3 × 3 filters by tiles of 4 × 4 outputs, which are made of 6 × 6 products for each pair of channels where
// the convolution itself takes 144 (Winograd, 1980; Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016,
// section 4.3). Everything is linear: what is here goes to the 36 places of a tile's transform, and back from them; `winograd_filter.ts`
// has that of filters. All that is between are 36 products of matrices.
//
// A transform goes over four channels at a time, first down the columns, then along the rows. `room` is space for the addresses
// of a tile's pixels and for what is between the two.
import { multiplyAdd } from "./multiply_add";

/** The side of a tile of outputs, and of the part of the image that it reads. */
const OUTPUT: usize = 4;
export const INPUT: usize = 6;

/** The bytes of the addresses of a tile's pixels. */
const TABLE_BYTES: usize = INPUT * INPUT * 4;

/** Computes `a + x · b`. */
@inline
export function addTimes(a: v128, x: f32, b: v128): v128 {
  return multiplyAdd(f32x4.splat(x), b, a);
}

/** Stores six vectors, of which the second and third, and the fourth and fifth, are sum and difference of two. */
@inline
export function storeTransform(
  to: usize,
  step: usize,
  first: v128,
  even: v128,
  odd: v128,
  evenTwice: v128,
  oddTwice: v128,
  last: v128,
): void {
  v128.store(to, first);
  v128.store(to + step, f32x4.add(even, odd));
  v128.store(to + 2 * step, f32x4.sub(even, odd));
  v128.store(to + 3 * step, f32x4.add(evenTwice, oddTwice));
  v128.store(to + 4 * step, f32x4.sub(evenTwice, oddTwice));
  v128.store(to + 5 * step, last);
}

/** Transforms six pixels in a line. */
@inline
function transformInput(
  to: usize,
  step: usize,
  d0: v128,
  d1: v128,
  d2: v128,
  d3: v128,
  d4: v128,
  d5: v128,
): void {
  const difference = f32x4.sub(d3, d1);
  storeTransform(
    to,
    step,
    addTimes(addTimes(d4, -5, d2), 4, d0),
    addTimes(d4, -4, d2),
    addTimes(d3, -4, d1),
    f32x4.sub(d4, d2),
    f32x4.add(difference, difference),
    addTimes(addTimes(d5, -5, d3), 4, d1),
  );
}

/** Transforms the gradients of four outputs in a line. */
@inline
function transformGradient(to: usize, step: usize, y0: v128, y1: v128, y2: v128, y3: v128): void {
  storeTransform(
    to,
    step,
    y0,
    f32x4.add(y0, y2),
    f32x4.add(y1, y3),
    addTimes(y0, 4, y2),
    addTimes(f32x4.add(y1, y1), 8, y3),
    y3,
  );
}

/** Computes four outputs in a line of the products at six places. */
@inline
function transformOutput(
  from: usize,
  step: usize,
  to0: usize,
  to1: usize,
  to2: usize,
  to3: usize,
): void {
  const m1 = v128.load(from + step);
  const m2 = v128.load(from + 2 * step);
  const m3 = v128.load(from + 3 * step);
  const m4 = v128.load(from + 4 * step);
  const even = f32x4.add(m1, m2);
  const odd = f32x4.sub(m1, m2);
  const evenTwice = f32x4.add(m3, m4);
  const oddTwice = f32x4.sub(m3, m4);
  v128.store(to0, f32x4.add(f32x4.add(v128.load(from), even), evenTwice));
  v128.store(to1, addTimes(odd, 2, oddTwice));
  v128.store(to2, addTimes(even, 4, evenTwice));
  v128.store(to3, addTimes(f32x4.add(odd, v128.load(from + 5 * step)), 8, oddTwice));
}

/** Writes the addresses of a square of pixels, and that of `outside` for those beyond the image. */
function tabulateSquare(
  table: usize,
  side: usize,
  image: usize,
  top: isize,
  left: isize,
  height: usize,
  width: usize,
  pixelBytes: usize,
  outside: usize,
): void {
  for (let i: usize = 0; i < side; i++) {
    const row = <usize> (top + <isize> i);
    const line = image + row * width * pixelBytes;
    for (let j: usize = 0; j < side; j++, table += 4) {
      // What is negative is beyond all that is positive here.
      const column = <usize> (left + <isize> j);
      store<usize>(table, row < height && column < width ? line + column * pixelBytes : outside);
    }
  }
}

@inline
function pixel(table: usize, place: usize, at: usize): v128 {
  return v128.load(load<usize>(table + place * 4) + at);
}

@inline
export function value(from: usize, place: usize): v128 {
  return v128.load(from + place * 16);
}

/**
 * Transforms tiles of images, of `channels` channels (a multiple of four): `tiles` tiles from the tile `first` on, of `down` ×
 * `across` in each image. Four channels of a tile go to `to`, `placeBytes` further for each place, `tileBytes` for each tile,
 * `evenBytes` for each eight channels, and `oddBytes` for the second four of these. `outside` are as many zeros as there are
 * channels. With `gradients`, tiles are the 4 × 4 gradients of outputs, else the 6 × 6 pixels that a tile reads.
 */
export function toWinograd(
  images: usize,
  to: usize,
  first: usize,
  tiles: usize,
  down: usize,
  across: usize,
  height: usize,
  width: usize,
  channels: usize,
  top: usize,
  left: usize,
  placeBytes: usize,
  tileBytes: usize,
  evenBytes: usize,
  oddBytes: usize,
  gradients: bool,
  room: usize,
  outside: usize,
): void {
  const pixelBytes = channels * 4;
  const between = room + TABLE_BYTES;
  const side = gradients ? OUTPUT : INPUT;
  for (let tile = first; tile < first + tiles; tile++, to += tileBytes) {
    const line = tile / across;
    tabulateSquare(
      room,
      side,
      images + line / down * height * width * pixelBytes,
      <isize> (line % down * OUTPUT) - <isize> top,
      <isize> (tile % across * OUTPUT) - <isize> left,
      height,
      width,
      pixelBytes,
      outside,
    );
    for (let at: usize = 0; at < pixelBytes; at += 16) {
      const target = to + (at >> 5) * evenBytes + (at >> 4 & 1) * oddBytes;
      if (gradients) {
        for (let j: usize = 0; j < OUTPUT; j++) {
          transformGradient(
            between + j * 16,
            INPUT * 16,
            pixel(room, j, at),
            pixel(room, OUTPUT + j, at),
            pixel(room, 2 * OUTPUT + j, at),
            pixel(room, 3 * OUTPUT + j, at),
          );
        }
        for (let i: usize = 0; i < INPUT; i++) {
          const from = between + i * INPUT * 16;
          transformGradient(
            target + i * INPUT * placeBytes,
            placeBytes,
            value(from, 0),
            value(from, 1),
            value(from, 2),
            value(from, 3),
          );
        }
        continue;
      }
      for (let j: usize = 0; j < INPUT; j++) {
        transformInput(
          between + j * 16,
          INPUT * 16,
          pixel(room, j, at),
          pixel(room, INPUT + j, at),
          pixel(room, 2 * INPUT + j, at),
          pixel(room, 3 * INPUT + j, at),
          pixel(room, 4 * INPUT + j, at),
          pixel(room, 5 * INPUT + j, at),
        );
      }
      for (let i: usize = 0; i < INPUT; i++) {
        const from = between + i * INPUT * 16;
        transformInput(
          target + i * INPUT * placeBytes,
          placeBytes,
          value(from, 0),
          value(from, 1),
          value(from, 2),
          value(from, 3),
          value(from, 4),
          value(from, 5),
        );
      }
    }
  }
}

/**
 * Computes outputs of their transforms at `from`, where a tile's channels lie side by side. Those beyond the image are written
 * to `outside`.
 */
export function fromWinograd(
  from: usize,
  images: usize,
  first: usize,
  tiles: usize,
  down: usize,
  across: usize,
  height: usize,
  width: usize,
  channels: usize,
  placeBytes: usize,
  room: usize,
  outside: usize,
): void {
  const pixelBytes = channels * 4;
  const between = room + TABLE_BYTES;
  for (let tile = first; tile < first + tiles; tile++, from += pixelBytes) {
    const line = tile / across;
    tabulateSquare(
      room,
      OUTPUT,
      images + line / down * height * width * pixelBytes,
      <isize> (line % down * OUTPUT),
      <isize> (tile % across * OUTPUT),
      height,
      width,
      pixelBytes,
      outside,
    );
    for (let at: usize = 0; at < pixelBytes; at += 16) {
      const source = from + at;
      for (let j: usize = 0; j < INPUT; j++) {
        const to = between + j * 16;
        transformOutput(
          source + j * placeBytes,
          INPUT * placeBytes,
          to,
          to + INPUT * 16,
          to + 2 * INPUT * 16,
          to + 3 * INPUT * 16,
        );
      }
      for (let i: usize = 0; i < OUTPUT; i++) {
        const table = room + i * OUTPUT * 4;
        transformOutput(
          between + i * INPUT * 16,
          16,
          load<usize>(table) + at,
          load<usize>(table, 4) + at,
          load<usize>(table, 8) + at,
          load<usize>(table, 12) + at,
        );
      }
    }
  }
}
