import { addTimes, pixel, storeOpposites, storePixel, times } from "./lines";

/** Tiles of 4 × 4 outputs of a 3 × 3 filter, by the points 0, 1, -1, 2, -2 and infinity. */
@unmanaged
export class Tile4x3 {
  @inline
  get output(): usize {
    return 4;
  }

  @inline
  get filter(): usize {
    return 3;
  }

  transformInput(table: usize, step: usize, at: usize, to: usize, toStep: usize): void {
    const d0 = pixel(table, at);
    const d1 = pixel(table + step, at);
    const d2 = pixel(table + 2 * step, at);
    const d3 = pixel(table + 3 * step, at);
    const d4 = pixel(table + 4 * step, at);
    const d5 = pixel(table + 5 * step, at);
    const difference = f32x4.sub(d3, d1);
    v128.store(to, addTimes(addTimes(d4, -5, d2), 4, d0));
    storeOpposites(to + toStep, toStep, addTimes(d4, -4, d2), addTimes(d3, -4, d1));
    storeOpposites(
      to + 3 * toStep,
      toStep,
      f32x4.sub(d4, d2),
      f32x4.add(difference, difference),
    );
    v128.store(to + 5 * toStep, addTimes(addTimes(d5, -5, d3), 4, d1));
  }

  transformGradient(table: usize, step: usize, at: usize, to: usize, toStep: usize): void {
    const y0 = pixel(table, at);
    const y1 = pixel(table + step, at);
    const y2 = pixel(table + 2 * step, at);
    const y3 = pixel(table + 3 * step, at);
    v128.store(to, y0);
    storeOpposites(to + toStep, toStep, f32x4.add(y0, y2), f32x4.add(y1, y3));
    storeOpposites(
      to + 3 * toStep,
      toStep,
      addTimes(y0, 4, y2),
      addTimes(f32x4.add(y1, y1), 8, y3),
    );
    v128.store(to + 5 * toStep, y3);
  }

  transformOutput(from: usize, step: usize, table: usize, toStep: usize, at: usize): void {
    const m1 = v128.load(from + step);
    const m2 = v128.load(from + 2 * step);
    const m3 = v128.load(from + 3 * step);
    const m4 = v128.load(from + 4 * step);
    const even = f32x4.add(m1, m2);
    const odd = f32x4.sub(m1, m2);
    const evenTwice = f32x4.add(m3, m4);
    const oddTwice = f32x4.sub(m3, m4);
    storePixel(table, at, f32x4.add(f32x4.add(v128.load(from), even), evenTwice));
    storePixel(table + toStep, at, addTimes(odd, 2, oddTwice));
    storePixel(table + 2 * toStep, at, addTimes(even, 4, evenTwice));
    storePixel(
      table + 3 * toStep,
      at,
      addTimes(f32x4.add(odd, v128.load(from + 5 * step)), 8, oddTwice),
    );
  }

  transformFilter(from: usize, step: usize, to: usize, toStep: usize): void {
    const g0 = v128.load(from);
    const g1 = v128.load(from + step);
    const g2 = v128.load(from + 2 * step);
    v128.store(to, times(0.25, g0));
    storeOpposites(
      to + toStep,
      toStep,
      times(<f32> (-1.0 / 6), f32x4.add(g0, g2)),
      times(<f32> (-1.0 / 6), g1),
    );
    storeOpposites(
      to + 3 * toStep,
      toStep,
      times(<f32> (1.0 / 24), addTimes(g0, 4, g2)),
      times(<f32> (1.0 / 12), g1),
    );
    v128.store(to + 5 * toStep, g2);
  }

  reduceFilter(from: usize, step: usize, to: usize, toStep: usize): void {
    const u1 = v128.load(from + step);
    const u2 = v128.load(from + 2 * step);
    const u3 = v128.load(from + 3 * step);
    const u4 = v128.load(from + 4 * step);
    const even = f32x4.add(u1, u2);
    const evenTwice = f32x4.add(u3, u4);
    v128.store(
      to,
      addTimes(
        addTimes(times(0.25, v128.load(from)), <f32> (-1.0 / 6), even),
        <f32> (1.0 / 24),
        evenTwice,
      ),
    );
    v128.store(
      to + toStep,
      addTimes(
        times(<f32> (1.0 / 6), f32x4.sub(u2, u1)),
        <f32> (1.0 / 12),
        f32x4.sub(u3, u4),
      ),
    );
    v128.store(
      to + 2 * toStep,
      addTimes(v128.load(from + 5 * step), <f32> (1.0 / 6), f32x4.sub(evenTwice, even)),
    );
  }
}
