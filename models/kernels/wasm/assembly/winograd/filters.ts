// The transforms of filters, and of their gradients: see `images.ts`.
import { Tile3x3 } from "./tile_3_3";
import { Tile4x3 } from "./tile_4_3";
import { Tile4x5 } from "./tile_4_5";

/** The most taps of a filter, and the bytes of four channels of each. */
const TAPS_BYTES: usize = 25 * 16;

/** The columns of a filter that are worked on at a time. */
const GROUP: usize = 16;

@inline
function getSide<T>(): usize {
  return changetype<T>(0).output + changetype<T>(0).filter - 1;
}

/** Transforms taps of a filter, a row of which is `lineBytes` from the next. */
function transformFilter<T>(
  from: usize,
  lineBytes: usize,
  tapBytes: usize,
  to: usize,
  placeBytes: usize,
  room: usize,
): void {
  const filter = changetype<T>(0).filter;
  const side = getSide<T>();
  for (let j: usize = 0; j < filter; j++) {
    changetype<T>(0).transformFilter(from + j * tapBytes, lineBytes, room + j * 16, filter * 16);
  }
  for (let i: usize = 0; i < side; i++) {
    changetype<T>(0).transformFilter(
      room + i * filter * 16,
      16,
      to + i * side * placeBytes,
      placeBytes,
    );
  }
}

function transformAny(
  tileOutput: usize,
  side: usize,
  from: usize,
  lineBytes: usize,
  tapBytes: usize,
  to: usize,
  placeBytes: usize,
  room: usize,
): void {
  if (side == 5) {
    transformFilter<Tile4x5>(from, lineBytes, tapBytes, to, placeBytes, room);
  } else if (tileOutput == 4) {
    transformFilter<Tile4x3>(from, lineBytes, tapBytes, to, placeBytes, room);
  } else transformFilter<Tile3x3>(from, lineBytes, tapBytes, to, placeBytes, room);
}

/**
 * Transforms a filter `[side, side, inputs, outputs]` to panels of eight columns, as `multiply` takes them: with the outputs as
 * columns, or, for the gradient of the images, the filter turned around, and the inputs as columns. Only the columns from `column`
 * to `end`, multiples of eight, are wanted.
 */
export function filterToWinograd(
  tileOutput: usize,
  side: usize,
  filter: usize,
  to: usize,
  inputs: usize,
  outputs: usize,
  column: usize,
  end: usize,
  placeBytes: usize,
  panelBytes: usize,
  turned: bool,
  room: usize,
): void {
  const tapBytes = inputs * outputs * 4;
  const taps = side * side;
  if (!turned) {
    // Columns side by side in memory, as many as their panels don't displace each other from the caches.
    for (; column < end; column += GROUP, to += GROUP / 8 * panelBytes) {
      const last = min(end, column + GROUP);
      for (let input: usize = 0; input < inputs; input++) {
        for (let output = column; output < last; output += 4) {
          transformAny(
            tileOutput,
            side,
            filter + (input * outputs + output) * 4,
            side * tapBytes,
            tapBytes,
            to + (output - column >> 3) * panelBytes + input * 32 + (output & 4) * 4,
            placeBytes,
            room,
          );
        }
      }
    }
    return;
  }
  const between = room + 4 * TAPS_BYTES;
  for (; column < end; column += 8, to += panelBytes) {
    for (let input = column; input < column + 8; input += 4) {
      for (let output: usize = 0; output < outputs; output += 4) {
        // The taps backwards are those of the filter turned around.
        let from = filter + (input * outputs + output) * 4 + (taps - 1) * tapBytes;
        for (let tap: usize = 0; tap < taps; tap++, from -= tapBytes) {
          transpose(from, outputs * 4, room + tap * 16);
        }
        let target = to + output * 32 + (input & 4) * 4;
        for (let i: usize = 0; i < 4; i++, target += 32) {
          const own = room + i * TAPS_BYTES;
          transformAny(tileOutput, side, own, side * 16, 16, target, placeBytes, between);
        }
      }
    }
  }
}

/** Writes four columns of four numbers, which lie in lines so many bytes apart. */
@inline
function transpose(from: usize, lineBytes: usize, to: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + lineBytes);
  const c = v128.load(from + 2 * lineBytes);
  const d = v128.load(from + 3 * lineBytes);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  v128.store(to, v128.shuffle<f64>(ab, cd, 0, 2));
  v128.store(to + TAPS_BYTES, v128.shuffle<f64>(ab, cd, 1, 3));
  const abLast = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cdLast = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to + 2 * TAPS_BYTES, v128.shuffle<f64>(abLast, cdLast, 0, 2));
  v128.store(to + 3 * TAPS_BYTES, v128.shuffle<f64>(abLast, cdLast, 1, 3));
}

function reduceFilter<T>(
  from: usize,
  placeBytes: usize,
  to: usize,
  tapBytes: usize,
  room: usize,
): void {
  const filter = changetype<T>(0).filter;
  const side = getSide<T>();
  for (let j: usize = 0; j < side; j++) {
    changetype<T>(0).reduceFilter(
      from + j * placeBytes,
      side * placeBytes,
      room + j * 16,
      side * 16,
    );
  }
  for (let i: usize = 0; i < filter; i++) {
    changetype<T>(0).reduceFilter(
      room + i * side * 16,
      16,
      to + i * filter * tapBytes,
      tapBytes,
    );
  }
}

/**
 * Computes the gradient for some outputs of a filter, from `column` to `end`, of its transform, at each place of which the weights
 * lie as in the filter, but those of these outputs alone.
 */
export function filterFromWinograd(
  tileOutput: usize,
  side: usize,
  from: usize,
  filter: usize,
  inputs: usize,
  outputs: usize,
  column: usize,
  end: usize,
  placeBytes: usize,
  room: usize,
): void {
  const tapBytes = inputs * outputs * 4;
  for (let input: usize = 0; input < inputs; input++) {
    const to = filter + input * outputs * 4;
    for (let at = column; at < end; at += 4, from += 16) {
      if (side == 5) {
        reduceFilter<Tile4x5>(from, placeBytes, to + at * 4, tapBytes, room);
      } else if (tileOutput == 4) {
        reduceFilter<Tile4x3>(from, placeBytes, to + at * 4, tapBytes, room);
      } else reduceFilter<Tile3x3>(from, placeBytes, to + at * 4, tapBytes, room);
    }
  }
}
