/** A place in a drawing, or a point of a curve. */
export type Point = readonly [x: number, y: number];

/** A mark on an axis. */
export interface Tick {
  /** Where it is. */
  readonly value: number;
  /** What stands at it. */
  readonly text: string;
}

/**
 * Chooses the marks of an axis: round numbers at equal distances (1, 2 or 5 times a power of ten), around all values. Without values those
 * from 0 to 1.
 *
 * @param values The values.
 * @param most How many marks there may be, about.
 * @param apart How far apart they are at least: 1 where there is nothing between whole numbers, as between steps.
 */
export function chooseTicks(values: readonly number[], most: number, apart = 0): Tick[] {
  let [least, largest] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least) least = value;
    if (value > largest) largest = value;
  }
  if (least > largest) [least, largest] = [0, 1];
  if (least === largest) {
    const half = Math.abs(least) / 2 || 0.5;
    [least, largest] = [least - half, largest + half];
  }
  const rough = Math.max((largest - least) / (most - 1), apart);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const first = Math.floor(least / step + 1e-9);
  const last = Math.ceil(largest / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const value = (first + i) * step;
    return { value, text: formatTick(value, digits) };
  });
}

function formatTick(value: number, digits: number): string {
  if (Math.abs(value) >= 1e6 || digits > 5) return String(Number(value.toPrecision(3)));
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/**
 * Leaves out points of a curve that is drawn finer than one sees: of all that lie on one column of pixels the first, the lowest, the highest
 * and the last stay.
 */
export function thinOut(points: readonly Point[]): readonly Point[] {
  if (points.length <= 1200) return points;
  const columns = new Map<number, Point[]>();
  for (const point of points) {
    const at = Math.round(point[0]);
    const column = columns.get(at);
    if (column) column.push(point);
    else columns.set(at, [point]);
  }
  return [...columns.values()].flatMap((column) => {
    const lowest = column.reduce((a, b) => b[1] > a[1] ? b : a);
    const highest = column.reduce((a, b) => b[1] < a[1] ? b : a);
    return column.filter((point, i) =>
      i === 0 || i === column.length - 1 || point === lowest || point === highest ||
      !Number.isFinite(point[1])
    );
  });
}
