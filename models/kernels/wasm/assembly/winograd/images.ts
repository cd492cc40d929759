// Convolutions by tiles (Winograd, 1980; Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016): outputs of
// m × m are made of (m + r - 1)² products for each pair of channels where a filter of r × r takes m² · r². A tile and a filter are
// polynomials, and are multiplied at points: `tile_4_5.ts` and its like have the points, and the transforms of a line to them and back.
// Everything is linear: what is here goes to the places of images' transforms, and back from them; `filters.ts` has those of
// filters. All that is between are products of matrices, one for each place.
//
// A transform goes over four channels at a time, first down the columns, then along the rows. `room` is space for the addresses
// of a tile's pixels and for what is between the two.
import { Tile3x3 } from "./tile_3_3";
import { Tile4x3 } from "./tile_4_3";
import { Tile4x5 } from "./tile_4_5";

/** The most places of a tile. */
const PLACES: usize = 64;

/** Where the addresses of the numbers between the two passes are in `room`, and where these are. */
const BETWEEN_TABLE: usize = PLACES * 4;
const BETWEEN: usize = 2 * PLACES * 4;

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

function tabulateBetween(room: usize): void {
  for (let place: usize = 0; place < PLACES; place++) {
    store<usize>(room + BETWEEN_TABLE + place * 4, room + BETWEEN + place * 16);
  }
}

@inline
function getSide<T>(): usize {
  return changetype<T>(0).output + changetype<T>(0).filter - 1;
}

function transformInput<T>(room: usize, at: usize, to: usize, placeBytes: usize): void {
  const side = getSide<T>();
  for (let j: usize = 0; j < side; j++) {
    changetype<T>(0).transformInput(
      room + j * 4,
      side * 4,
      at,
      room + BETWEEN + j * 16,
      side * 16,
    );
  }
  for (let i: usize = 0; i < side; i++) {
    changetype<T>(0).transformInput(
      room + BETWEEN_TABLE + i * side * 4,
      4,
      0,
      to + i * side * placeBytes,
      placeBytes,
    );
  }
}

function transformGradient<T>(room: usize, at: usize, to: usize, placeBytes: usize): void {
  const output = changetype<T>(0).output;
  const side = getSide<T>();
  for (let j: usize = 0; j < output; j++) {
    changetype<T>(0).transformGradient(
      room + j * 4,
      output * 4,
      at,
      room + BETWEEN + j * 16,
      output * 16,
    );
  }
  for (let i: usize = 0; i < side; i++) {
    changetype<T>(0).transformGradient(
      room + BETWEEN_TABLE + i * output * 4,
      4,
      0,
      to + i * side * placeBytes,
      placeBytes,
    );
  }
}

function transformOutput<T>(from: usize, placeBytes: usize, room: usize, at: usize): void {
  const output = changetype<T>(0).output;
  const side = getSide<T>();
  for (let j: usize = 0; j < side; j++) {
    changetype<T>(0).transformOutput(
      from + j * placeBytes,
      side * placeBytes,
      room + BETWEEN_TABLE + j * 4,
      side * 4,
      0,
    );
  }
  for (let i: usize = 0; i < output; i++) {
    changetype<T>(0).transformOutput(
      room + BETWEEN + i * side * 16,
      16,
      room + i * output * 4,
      4,
      at,
    );
  }
}

/**
 * Transforms tiles of `output` × `output` outputs of a filter of `filter` × `filter`, as for all functions here: `tiles` tiles
 * of images from the tile `first` on, of `down` × `across` in each image, and of its `channels` channels those from `channel` to
 * `end` (multiples of four). Four channels of a tile go to `to`, `placeBytes` further for each place, `tileBytes` for each tile,
 * `evenBytes` for each eight channels, and `oddBytes` for the second four of these. `outside` is space for as many zeros as there
 * are channels. With `gradients`, tiles are the gradients of a tile's outputs, else the pixels that it reads.
 */
export function toWinograd(
  output: usize,
  filter: usize,
  images: usize,
  height: usize,
  width: usize,
  channels: usize,
  down: usize,
  across: usize,
  top: usize,
  left: usize,
  gradients: bool,
  placeBytes: usize,
  room: usize,
  outside: usize,
  to: usize,
  first: usize,
  tiles: usize,
  channel: usize,
  end: usize,
  tileBytes: usize,
  evenBytes: usize,
  oddBytes: usize,
): void {
  const pixelBytes = channels * 4;
  tabulateBetween(room);
  memory.fill(outside, 0, pixelBytes);
  for (let tile = first; tile < first + tiles; tile++, to += tileBytes) {
    const line = tile / across;
    tabulateSquare(
      room,
      gradients ? output : output + filter - 1,
      images + line / down * height * width * pixelBytes,
      <isize> (line % down * output) - <isize> top,
      <isize> (tile % across * output) - <isize> left,
      height,
      width,
      pixelBytes,
      outside,
    );
    for (let c = channel; c < end; c += 4) {
      const at = c * 4;
      const own = c - channel;
      const target = to + (own >> 3) * evenBytes + (own >> 2 & 1) * oddBytes;
      if (gradients) {
        if (filter == 5) transformGradient<Tile4x5>(room, at, target, placeBytes);
        else if (output == 4) transformGradient<Tile4x3>(room, at, target, placeBytes);
        else transformGradient<Tile3x3>(room, at, target, placeBytes);
      } else if (filter == 5) transformInput<Tile4x5>(room, at, target, placeBytes);
      else if (output == 4) transformInput<Tile4x3>(room, at, target, placeBytes);
      else transformInput<Tile3x3>(room, at, target, placeBytes);
    }
  }
}

/**
 * Computes outputs of their transforms at `from`, where a tile's channels from `channel` to `end` lie side by side. Those beyond
 * the image are written to `outside`.
 */
export function fromWinograd(
  output: usize,
  filter: usize,
  images: usize,
  height: usize,
  width: usize,
  channels: usize,
  down: usize,
  across: usize,
  placeBytes: usize,
  room: usize,
  outside: usize,
  from: usize,
  first: usize,
  tiles: usize,
  channel: usize,
  end: usize,
): void {
  const pixelBytes = channels * 4;
  tabulateBetween(room);
  for (let tile = first; tile < first + tiles; tile++) {
    const line = tile / across;
    tabulateSquare(
      room,
      output,
      images + line / down * height * width * pixelBytes,
      <isize> (line % down * output),
      <isize> (tile % across * output),
      height,
      width,
      pixelBytes,
      outside,
    );
    for (let c = channel; c < end; c += 4, from += 16) {
      if (filter == 5) transformOutput<Tile4x5>(from, placeBytes, room, c * 4);
      else if (output == 4) transformOutput<Tile4x3>(from, placeBytes, room, c * 4);
      else transformOutput<Tile3x3>(from, placeBytes, room, c * 4);
    }
  }
}
