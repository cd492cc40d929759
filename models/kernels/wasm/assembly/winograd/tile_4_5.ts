import { addTimes, pixel, storeOpposites, storePixel, times } from "./lines";

/** Tiles of 4 × 4 outputs of a 5 × 5 filter, by the points 0, 1, -1, 2, -2, 1/2, -1/2 and infinity. */
@unmanaged
export class Tile4x5 {
  @inline
  get output(): usize {
    return 4;
  }

  @inline
  get filter(): usize {
    return 5;
  }

  transformInput(table: usize, step: usize, at: usize, to: usize, toStep: usize): void {
    const d0 = pixel(table, at);
    const d1 = pixel(table + step, at);
    const d2 = pixel(table + 2 * step, at);
    const d3 = pixel(table + 3 * step, at);
    const d4 = pixel(table + 4 * step, at);
    const d5 = pixel(table + 5 * step, at);
    const d6 = pixel(table + 6 * step, at);
    const d7 = pixel(table + 7 * step, at);
    v128.store(to, addTimes(f32x4.sub(d0, d6), 5.25, f32x4.sub(d4, d2)));
    storeOpposites(
      to + toStep,
      toStep,
      addTimes(f32x4.add(d2, d6), -4.25, d4),
      addTimes(f32x4.add(d1, d5), -4.25, d3),
    );
    storeOpposites(
      to + 3 * toStep,
      toStep,
      addTimes(addTimes(d6, 0.25, d2), -1.25, d4),
      addTimes(addTimes(f32x4.add(d5, d5), 0.5, d1), -2.5, d3),
    );
    storeOpposites(
      to + 5 * toStep,
      toStep,
      addTimes(addTimes(d6, 4, d2), -5, d4),
      addTimes(addTimes(f32x4.add(d1, d1), 0.5, d5), -2.5, d3),
    );
    v128.store(to + 7 * toStep, addTimes(f32x4.sub(d7, d1), 5.25, f32x4.sub(d3, d5)));
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
    storeOpposites(
      to + 5 * toStep,
      toStep,
      addTimes(y0, 0.25, y2),
      addTimes(times(0.5, y1), 0.125, y3),
    );
    v128.store(to + 7 * toStep, y3);
  }

  transformOutput(from: usize, step: usize, table: usize, toStep: usize, at: usize): void {
    const m1 = v128.load(from + step);
    const m2 = v128.load(from + 2 * step);
    const m3 = v128.load(from + 3 * step);
    const m4 = v128.load(from + 4 * step);
    const m5 = v128.load(from + 5 * step);
    const m6 = v128.load(from + 6 * step);
    const even = f32x4.add(m1, m2);
    const odd = f32x4.sub(m1, m2);
    const evenTwice = f32x4.add(m3, m4);
    const oddTwice = f32x4.sub(m3, m4);
    const evenHalf = f32x4.add(m5, m6);
    const oddHalf = f32x4.sub(m5, m6);
    storePixel(
      table,
      at,
      f32x4.add(f32x4.add(v128.load(from), even), f32x4.add(evenTwice, evenHalf)),
    );
    storePixel(table + toStep, at, addTimes(addTimes(odd, 2, oddTwice), 0.5, oddHalf));
    storePixel(table + 2 * toStep, at, addTimes(addTimes(even, 4, evenTwice), 0.25, evenHalf));
    storePixel(
      table + 3 * toStep,
      at,
      addTimes(
        addTimes(f32x4.add(odd, v128.load(from + 7 * step)), 8, oddTwice),
        0.125,
        oddHalf,
      ),
    );
  }

  transformFilter(from: usize, step: usize, to: usize, toStep: usize): void {
    const g0 = v128.load(from);
    const g1 = v128.load(from + step);
    const g2 = v128.load(from + 2 * step);
    const g3 = v128.load(from + 3 * step);
    const g4 = v128.load(from + 4 * step);
    v128.store(to, g0);
    storeOpposites(
      to + toStep,
      toStep,
      times(<f32> (-2.0 / 9), f32x4.add(f32x4.add(g0, g2), g4)),
      times(<f32> (-2.0 / 9), f32x4.add(g1, g3)),
    );
    storeOpposites(
      to + 3 * toStep,
      toStep,
      times(<f32> (1.0 / 90), addTimes(addTimes(g0, 4, g2), 16, g4)),
      times(<f32> (1.0 / 45), addTimes(g1, 4, g3)),
    );
    storeOpposites(
      to + 5 * toStep,
      toStep,
      times(<f32> (2.0 / 45), addTimes(addTimes(g4, 4, g2), 16, g0)),
      times(<f32> (4.0 / 45), addTimes(g3, 4, g1)),
    );
    v128.store(to + 7 * toStep, g4);
  }

  reduceFilter(from: usize, step: usize, to: usize, toStep: usize): void {
    const u1 = v128.load(from + step);
    const u2 = v128.load(from + 2 * step);
    const u3 = v128.load(from + 3 * step);
    const u4 = v128.load(from + 4 * step);
    const u5 = v128.load(from + 5 * step);
    const u6 = v128.load(from + 6 * step);
    const even = times(<f32> (-2.0 / 9), f32x4.add(u1, u2));
    const odd = times(<f32> (-2.0 / 9), f32x4.sub(u1, u2));
    const evenTwice = times(<f32> (1.0 / 90), f32x4.add(u3, u4));
    const oddTwice = times(<f32> (1.0 / 45), f32x4.sub(u3, u4));
    const evenHalf = times(<f32> (2.0 / 45), f32x4.add(u5, u6));
    const oddHalf = times(<f32> (4.0 / 45), f32x4.sub(u5, u6));
    v128.store(
      to,
      addTimes(f32x4.add(f32x4.add(v128.load(from), even), evenTwice), 16, evenHalf),
    );
    v128.store(to + toStep, addTimes(f32x4.add(odd, oddTwice), 4, oddHalf));
    v128.store(to + 2 * toStep, addTimes(addTimes(even, 4, evenTwice), 4, evenHalf));
    v128.store(to + 3 * toStep, addTimes(f32x4.add(odd, oddHalf), 4, oddTwice));
    v128.store(
      to + 4 * toStep,
      addTimes(f32x4.add(f32x4.add(v128.load(from + 7 * step), even), evenHalf), 16, evenTwice),
    );
  }
}
