// The transforms of filters, and of their gradients: see `winograd.ts`.
import { addTimes, INPUT, storeTransform, value } from "./winograd";

/** The side of a filter. */
const FILTER: usize = 3;

/** Transforms three weights in a line. */
@inline
function transformFilter(to: usize, step: usize, g0: v128, g1: v128, g2: v128): void {
  const sixth: f32 = 1.0 / 6;
  storeTransform(
    to,
    step,
    f32x4.mul(g0, f32x4.splat(0.25)),
    f32x4.mul(f32x4.add(g0, g2), f32x4.splat(-sixth)),
    f32x4.mul(g1, f32x4.splat(-sixth)),
    f32x4.mul(addTimes(g0, 4, g2), f32x4.splat(1.0 / 24)),
    f32x4.mul(g1, f32x4.splat(1.0 / 12)),
    g2,
  );
}

/**
 * Transforms a filter `[3, 3, inputs, outputs]` to panels of eight columns, as `multiply` takes them: with the outputs as columns,
 * or, for the gradient of the images, the filter turned around, and the inputs as columns.
 */
export function filterToWinograd(
  filter: usize,
  to: usize,
  inputs: usize,
  outputs: usize,
  placeBytes: usize,
  panelBytes: usize,
  turned: bool,
  room: usize,
): void {
  const tapBytes = inputs * outputs * 4;
  const result = room + INPUT * FILTER * 16;
  for (let input: usize = 0; input < inputs; input++) {
    for (let output: usize = 0; output < outputs; output += 4) {
      // The taps backwards are those of the filter turned around.
      const from = filter + (input * outputs + output) * 4 + (turned ? 8 * tapBytes : 0);
      const tap = turned ? 0 - tapBytes : tapBytes;
      for (let j: usize = 0; j < FILTER; j++) {
        const column = from + j * tap;
        transformFilter(
          room + j * 16,
          FILTER * 16,
          v128.load(column),
          v128.load(column + FILTER * tap),
          v128.load(column + 2 * FILTER * tap),
        );
      }
      for (let i: usize = 0; i < INPUT; i++) {
        const row = room + i * FILTER * 16;
        transformFilter(
          result + i * INPUT * 16,
          16,
          value(row, 0),
          value(row, 1),
          value(row, 2),
        );
      }
      const target = turned
        ? to + (input >> 3) * panelBytes + output * 32 + (input & 7) * 4
        : to + (output >> 3) * panelBytes + input * 32 + (output & 4) * 4;
      for (let place: usize = 0; place < INPUT * INPUT; place++) {
        const x = value(result, place);
        const at = target + place * placeBytes;
        if (turned) {
          v128.store_lane<f32>(at, x, 0);
          v128.store_lane<f32>(at, x, 1, 32);
          v128.store_lane<f32>(at, x, 2, 64);
          v128.store_lane<f32>(at, x, 3, 96);
        } else {
          v128.store(at, x);
        }
      }
    }
  }
}

/** Computes the gradient for a filter of its transform, at each place of which the weights lie as in the filter. */
export function filterFromWinograd(
  from: usize,
  filter: usize,
  weights: usize,
  placeBytes: usize,
  room: usize,
): void {
  for (let at: usize = 0; at < weights * 4; at += 16) {
    for (let j: usize = 0; j < INPUT; j++) {
      reduceFilter(from + at + j * placeBytes, INPUT * placeBytes, room + j * 16, INPUT * 16);
    }
    for (let i: usize = 0; i < FILTER; i++) {
      reduceFilter(room + i * INPUT * 16, 16, filter + at + i * FILTER * weights * 4, weights * 4);
    }
  }
}

@inline
function reduceFilter(from: usize, step: usize, to: usize, tapBytes: usize): void {
  const sixth: f32 = 1.0 / 6;
  const u1 = v128.load(from + step);
  const u2 = v128.load(from + 2 * step);
  const u3 = v128.load(from + 3 * step);
  const u4 = v128.load(from + 4 * step);
  const even = f32x4.add(u1, u2);
  const evenTwice = f32x4.add(u3, u4);
  v128.store(
    to,
    addTimes(
      addTimes(f32x4.mul(v128.load(from), f32x4.splat(0.25)), -sixth, even),
      1.0 / 24,
      evenTwice,
    ),
  );
  v128.store(
    to + tapBytes,
    addTimes(
      f32x4.mul(f32x4.sub(u2, u1), f32x4.splat(sixth)),
      1.0 / 12,
      f32x4.sub(u3, u4),
    ),
  );
  v128.store(
    to + 2 * tapBytes,
    addTimes(v128.load(from + 5 * step), sixth, f32x4.sub(evenTwice, even)),
  );
}
