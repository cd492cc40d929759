import { multiplyAdd } from "./multiply_add";
import { loadFirst, loadSecond, TILE_COLUMNS } from "./tile";

/** Computes six rows. Where there are fewer, `last` being the offset of the last in the tables, that is computed again. */
export function multiplySix(
  sources: usize,
  step: usize,
  b: usize,
  panelBytes: usize,
  stretch: usize,
  end: usize,
  results: usize,
  offset: usize,
  last: usize,
  columns: usize,
  accumulate: bool,
): void {
  let p0 = load<usize>(results) + offset;
  let p1 = load<usize>(results + min(4, last)) + offset;
  let p2 = load<usize>(results + min(8, last)) + offset;
  let p3 = load<usize>(results + min(12, last)) + offset;
  let p4 = load<usize>(results + min(16, last)) + offset;
  let p5 = load<usize>(results + min(20, last)) + offset;
  for (; columns; b += panelBytes) {
    const width = min(columns, TILE_COLUMNS);
    let c00 = f32x4.splat(0);
    let c01 = c00;
    let c10 = c00;
    let c11 = c00;
    let c20 = c00;
    let c21 = c00;
    let c30 = c00;
    let c31 = c00;
    let c40 = c00;
    let c41 = c00;
    let c50 = c00;
    let c51 = c00;
    if (accumulate) {
      if (width == TILE_COLUMNS) {
        c00 = v128.load(p0);
        c01 = v128.load(p0, 16);
        c10 = v128.load(p1);
        c11 = v128.load(p1, 16);
        c20 = v128.load(p2);
        c21 = v128.load(p2, 16);
        c30 = v128.load(p3);
        c31 = v128.load(p3, 16);
        c40 = v128.load(p4);
        c41 = v128.load(p4, 16);
        c50 = v128.load(p5);
        c51 = v128.load(p5, 16);
      } else {
        c00 = loadFirst(p0, width);
        c01 = loadSecond(p0, width);
        c10 = loadFirst(p1, width);
        c11 = loadSecond(p1, width);
        c20 = loadFirst(p2, width);
        c21 = loadSecond(p2, width);
        c30 = loadFirst(p3, width);
        c31 = loadSecond(p3, width);
        c40 = loadFirst(p4, width);
        c41 = loadSecond(p4, width);
        c50 = loadFirst(p5, width);
        c51 = loadSecond(p5, width);
      }
    }
    let x0 = load<usize>(sources);
    let x1 = load<usize>(sources + min(4, last));
    let x2 = load<usize>(sources + min(8, last));
    let x3 = load<usize>(sources + min(12, last));
    let x4 = load<usize>(sources + min(16, last));
    let x5 = load<usize>(sources + min(20, last));
    for (let part = stretch; part < end; part += 12) {
      let panel = b + load<usize>(part);
      const skip = load<usize>(part, 4);
      const length = load<usize>(part, 8);
      const stop = panel + length * 32;
      x0 += skip;
      x1 += skip;
      x2 += skip;
      x3 += skip;
      x4 += skip;
      x5 += skip;
      for (const whole = panel + (length & -2) * 32; panel < whole;) {
        let b0 = v128.load(panel);
        let b1 = v128.load(panel, 16);
        let x = v128.load32_splat(x0);
        c00 = multiplyAdd(x, b0, c00);
        c01 = multiplyAdd(x, b1, c01);
        x0 += step;
        x = v128.load32_splat(x1);
        c10 = multiplyAdd(x, b0, c10);
        c11 = multiplyAdd(x, b1, c11);
        x1 += step;
        x = v128.load32_splat(x2);
        c20 = multiplyAdd(x, b0, c20);
        c21 = multiplyAdd(x, b1, c21);
        x2 += step;
        x = v128.load32_splat(x3);
        c30 = multiplyAdd(x, b0, c30);
        c31 = multiplyAdd(x, b1, c31);
        x3 += step;
        x = v128.load32_splat(x4);
        c40 = multiplyAdd(x, b0, c40);
        c41 = multiplyAdd(x, b1, c41);
        x4 += step;
        x = v128.load32_splat(x5);
        c50 = multiplyAdd(x, b0, c50);
        c51 = multiplyAdd(x, b1, c51);
        x5 += step;
        b0 = v128.load(panel, 32);
        b1 = v128.load(panel, 48);
        x = v128.load32_splat(x0);
        c00 = multiplyAdd(x, b0, c00);
        c01 = multiplyAdd(x, b1, c01);
        x0 += step;
        x = v128.load32_splat(x1);
        c10 = multiplyAdd(x, b0, c10);
        c11 = multiplyAdd(x, b1, c11);
        x1 += step;
        x = v128.load32_splat(x2);
        c20 = multiplyAdd(x, b0, c20);
        c21 = multiplyAdd(x, b1, c21);
        x2 += step;
        x = v128.load32_splat(x3);
        c30 = multiplyAdd(x, b0, c30);
        c31 = multiplyAdd(x, b1, c31);
        x3 += step;
        x = v128.load32_splat(x4);
        c40 = multiplyAdd(x, b0, c40);
        c41 = multiplyAdd(x, b1, c41);
        x4 += step;
        x = v128.load32_splat(x5);
        c50 = multiplyAdd(x, b0, c50);
        c51 = multiplyAdd(x, b1, c51);
        x5 += step;
        panel += 64;
      }
      while (panel < stop) {
        let b0 = v128.load(panel);
        let b1 = v128.load(panel, 16);
        let x = v128.load32_splat(x0);
        c00 = multiplyAdd(x, b0, c00);
        c01 = multiplyAdd(x, b1, c01);
        x0 += step;
        x = v128.load32_splat(x1);
        c10 = multiplyAdd(x, b0, c10);
        c11 = multiplyAdd(x, b1, c11);
        x1 += step;
        x = v128.load32_splat(x2);
        c20 = multiplyAdd(x, b0, c20);
        c21 = multiplyAdd(x, b1, c21);
        x2 += step;
        x = v128.load32_splat(x3);
        c30 = multiplyAdd(x, b0, c30);
        c31 = multiplyAdd(x, b1, c31);
        x3 += step;
        x = v128.load32_splat(x4);
        c40 = multiplyAdd(x, b0, c40);
        c41 = multiplyAdd(x, b1, c41);
        x4 += step;
        x = v128.load32_splat(x5);
        c50 = multiplyAdd(x, b0, c50);
        c51 = multiplyAdd(x, b1, c51);
        x5 += step;
        panel += 32;
      }
    }
    if (width == TILE_COLUMNS) {
      v128.store(p0, c00);
      v128.store(p0, c01, 16);
      p0 += 32;
      v128.store(p1, c10);
      v128.store(p1, c11, 16);
      p1 += 32;
      v128.store(p2, c20);
      v128.store(p2, c21, 16);
      p2 += 32;
      v128.store(p3, c30);
      v128.store(p3, c31, 16);
      p3 += 32;
      v128.store(p4, c40);
      v128.store(p4, c41, 16);
      p4 += 32;
      v128.store(p5, c50);
      v128.store(p5, c51, 16);
      p5 += 32;
    } else {
      if (width & 4) {
        v128.store(p0, c00);
        c00 = c01;
        p0 += 16;
        v128.store(p1, c10);
        c10 = c11;
        p1 += 16;
        v128.store(p2, c20);
        c20 = c21;
        p2 += 16;
        v128.store(p3, c30);
        c30 = c31;
        p3 += 16;
        v128.store(p4, c40);
        c40 = c41;
        p4 += 16;
        v128.store(p5, c50);
        c50 = c51;
        p5 += 16;
      }
      if (width & 2) {
        v128.store64_lane(p0, c00, 0);
        c00 = v128.shuffle<f64>(c00, c00, 1, 1);
        p0 += 8;
        v128.store64_lane(p1, c10, 0);
        c10 = v128.shuffle<f64>(c10, c10, 1, 1);
        p1 += 8;
        v128.store64_lane(p2, c20, 0);
        c20 = v128.shuffle<f64>(c20, c20, 1, 1);
        p2 += 8;
        v128.store64_lane(p3, c30, 0);
        c30 = v128.shuffle<f64>(c30, c30, 1, 1);
        p3 += 8;
        v128.store64_lane(p4, c40, 0);
        c40 = v128.shuffle<f64>(c40, c40, 1, 1);
        p4 += 8;
        v128.store64_lane(p5, c50, 0);
        c50 = v128.shuffle<f64>(c50, c50, 1, 1);
        p5 += 8;
      }
      if (width & 1) {
        v128.store32_lane(p0, c00, 0);
        v128.store32_lane(p1, c10, 0);
        v128.store32_lane(p2, c20, 0);
        v128.store32_lane(p3, c30, 0);
        v128.store32_lane(p4, c40, 0);
        v128.store32_lane(p5, c50, 0);
      }
    }
    columns -= width;
  }
}
