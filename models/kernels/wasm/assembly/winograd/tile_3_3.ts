import { addTimes, pixel, storeOpposites, storePixel, times } from "./lines";

/** Tiles of 3 × 3 outputs of a 3 × 3 filter, by the points 0, 1, -1, 2 and infinity. */
@unmanaged
export class Tile3x3 {
  @inline
  get output(): usize {
    return 3;
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
    v128.store(to, addTimes(f32x4.sub(d3, d1), 2, f32x4.sub(d0, d2)));
    v128.store(to + toStep, addTimes(f32x4.sub(d3, d2), -2, d1));
    v128.store(to + 2 * toStep, addTimes(addTimes(d3, -3, d2), 2, d1));
    v128.store(to + 3 * toStep, f32x4.sub(d3, d1));
    v128.store(to + 4 * toStep, addTimes(f32x4.sub(d4, d2), 2, f32x4.sub(d1, d3)));
  }

  transformGradient(table: usize, step: usize, at: usize, to: usize, toStep: usize): void {
    const y0 = pixel(table, at);
    const y1 = pixel(table + step, at);
    const y2 = pixel(table + 2 * step, at);
    v128.store(to, y0);
    storeOpposites(to + toStep, toStep, f32x4.add(y0, y2), y1);
    v128.store(to + 3 * toStep, addTimes(addTimes(y0, 2, y1), 4, y2));
    v128.store(to + 4 * toStep, y2);
  }

  transformOutput(from: usize, step: usize, table: usize, toStep: usize, at: usize): void {
    const m1 = v128.load(from + step);
    const m2 = v128.load(from + 2 * step);
    const m3 = v128.load(from + 3 * step);
    const even = f32x4.add(m1, m2);
    storePixel(table, at, f32x4.add(f32x4.add(v128.load(from), even), m3));
    storePixel(table + toStep, at, addTimes(f32x4.sub(m1, m2), 2, m3));
    storePixel(
      table + 2 * toStep,
      at,
      addTimes(f32x4.add(even, v128.load(from + 4 * step)), 4, m3),
    );
  }

  transformFilter(from: usize, step: usize, to: usize, toStep: usize): void {
    const g0 = v128.load(from);
    const g1 = v128.load(from + step);
    const g2 = v128.load(from + 2 * step);
    const even = f32x4.add(g0, g2);
    v128.store(to, times(0.5, g0));
    v128.store(to + toStep, times(-0.5, f32x4.add(even, g1)));
    v128.store(to + 2 * toStep, times(<f32> (-1.0 / 6), f32x4.sub(even, g1)));
    v128.store(to + 3 * toStep, times(<f32> (1.0 / 6), addTimes(addTimes(g0, 2, g1), 4, g2)));
    v128.store(to + 4 * toStep, g2);
  }

  reduceFilter(from: usize, step: usize, to: usize, toStep: usize): void {
    const u1 = times(0.5, v128.load(from + step));
    const u2 = times(<f32> (1.0 / 6), v128.load(from + 2 * step));
    const u3 = times(<f32> (1.0 / 6), v128.load(from + 3 * step));
    const even = f32x4.add(u1, u2);
    v128.store(to, f32x4.add(addTimes(f32x4.neg(even), 0.5, v128.load(from)), u3));
    v128.store(to + toStep, addTimes(f32x4.sub(u2, u1), 2, u3));
    v128.store(
      to + 2 * toStep,
      addTimes(f32x4.sub(v128.load(from + 4 * step), even), 4, u3),
    );
  }
}
