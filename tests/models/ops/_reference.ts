// Operations in plain loops over arrays in double precision.
import type { Array64 } from "../_float64.ts";

const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Makes an array by a function of the place of each element. */
export function make(
  shape: readonly number[],
  fn: (place: number[], at: number) => number,
): Array64 {
  const data = new Float64Array(count(shape));
  const place = shape.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    data[i] = fn(place, i);
    for (let d = shape.length - 1; d >= 0; d--) {
      if (++place[d]! < shape[d]!) break;
      place[d] = 0;
    }
  }
  return { shape: [...shape], data };
}

/** Gives an element by its place. */
export function at({ shape, data }: Array64, place: readonly number[]): number {
  let i = 0;
  for (let d = 0; d < shape.length; d++) i = i * shape[d]! + place[d]!;
  return data[i]!;
}

/** Gives the element that is broadcast to a place. */
function atBroadcast(x: Array64, place: readonly number[]): number {
  const skipped = place.length - x.shape.length;
  let i = 0;
  for (let d = 0; d < x.shape.length; d++) {
    i = i * x.shape[d]! + (x.shape[d] === 1 ? 0 : place[skipped + d]!);
  }
  return x.data[i]!;
}

/** Gives the shape to which shapes are broadcast. */
export function broadcastShapes(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map(({ length }) => length));
  return Array.from(
    { length: rank },
    (_, d) => Math.max(...shapes.map((shape) => shape[d - rank + shape.length] ?? 1)),
  );
}

/** Applies a function to each element, or to the elements of several arrays that are broadcast. */
export function map(fn: (...x: number[]) => number, ...xs: readonly Array64[]): Array64 {
  const [x] = xs;
  if (xs.length === 1) {
    return { shape: x!.shape, data: x!.data.map((each) => fn(each)) };
  }
  const shape = broadcastShapes(...xs.map(({ shape }) => shape));
  return make(shape, (place) => fn(...xs.map((x) => atBroadcast(x, place))));
}

/** Reduces the numbers that lie along axes. */
export function reduce(
  x: Array64,
  axes: readonly number[],
  keepDims: boolean,
  fn: (numbers: number[]) => number,
): Array64 {
  const kept = x.shape.map((length, d) => axes.includes(d) ? 1 : length);
  const groups = new Map<number, number[]>();
  make(x.shape, (place, i) => {
    let group = 0;
    kept.forEach((length, d) => group = group * length + (length === 1 ? 0 : place[d]!));
    const own = groups.get(group) ?? [];
    if (own.length === 0) groups.set(group, own);
    own.push(x.data[i]!);
    return 0;
  });
  const shape = keepDims ? kept : kept.filter((_, d) => !axes.includes(d));
  return make(shape, (_, i) => fn(groups.get(i)!));
}

/** Computes something of each line along an axis. */
export function mapLines(x: Array64, axis: number, fn: (line: number[]) => number[]): Array64 {
  const length = x.shape[axis]!;
  const inner = count(x.shape.slice(axis + 1));
  const data = new Float64Array(x.data.length);
  for (let line = 0; line < data.length / length; line++) {
    const first = Math.floor(line / inner) * inner * length + line % inner;
    const numbers = Array.from({ length }, (_, i) => x.data[first + i * inner]!);
    fn(numbers).forEach((y, i) => data[first + i * inner] = y);
  }
  return { shape: x.shape, data };
}

/** Permutes dimensions. */
export function permute(x: Array64, order: readonly number[]): Array64 {
  return make(order.map((d) => x.shape[d]!), (place) => {
    const from = place.slice();
    order.forEach((d, i) => from[d] = place[i]!);
    return at(x, from);
  });
}

/** Multiplies stacks of matrices that are broadcast. */
export function multiplyMatrices(a: Array64, b: Array64): Array64 {
  const outer = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const [rows = 0, inner = 0] = a.shape.slice(-2);
  const columns = b.shape.at(-1)!;
  // Where the matrix of an operand begins that is broadcast to a place among the stacks.
  const begin = (x: Array64, place: readonly number[]) => {
    let i = 0;
    const skipped = outer.length - x.shape.length + 2;
    for (let d = 0; d < x.shape.length - 2; d++) {
      i = i * x.shape[d]! + (x.shape[d] === 1 ? 0 : place[skipped + d]!);
    }
    return i * x.shape.at(-2)! * x.shape.at(-1)!;
  };
  return make([...outer, rows, columns], (place) => {
    const left = begin(a, place) + place[outer.length]! * inner;
    const right = begin(b, place) + place[outer.length + 1]!;
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += a.data[left + k]! * b.data[right + k * columns]!;
    return sum;
  });
}

/** The windows of a convolution or a pool. */
export interface Windows {
  readonly window: readonly number[];
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
  /** Top, bottom, left, right. */
  readonly padding: readonly number[];
  readonly output: readonly number[];
}

/** Visits the pixels of a window that lie in the image. */
function visitWindow(
  { window, strides, dilation, padding }: Windows,
  [height = 0, width = 0]: readonly number[],
  [row = 0, column = 0]: readonly number[],
  visit: (y: number, x: number, i: number, j: number) => void,
): void {
  for (let i = 0; i < window[0]!; i++) {
    const y = row * strides[0]! - padding[0]! + i * dilation[0]!;
    if (y < 0 || y >= height) continue;
    for (let j = 0; j < window[1]!; j++) {
      const x = column * strides[1]! - padding[2]! + j * dilation[1]!;
      if (x >= 0 && x < width) visit(y, x, i, j);
    }
  }
}

/** Convolves groups of channels. */
export function convolve(x: Array64, filter: Array64, groups: number, windows: Windows): Array64 {
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
  const [, across = 0, depth = 0, filters = 0] = filter.shape;
  return make([batch, ...windows.output, filters], ([n, row, column, f]) => {
    const first = Math.floor(f! / (filters / groups)) * depth;
    let sum = 0;
    visitWindow(windows, [height, width], [row!, column!], (y, z, i, j) => {
      for (let c = 0; c < depth; c++) {
        sum += x.data[((n! * height + y) * width + z) * channels + first + c]! *
          filter.data[((i * across + j) * depth + c) * filters + f!]!;
      }
    });
    return sum;
  });
}

/** Takes the maximum of windows, or their mean over a number of pixels that is given for each. */
export function pool(
  x: Array64,
  windows: Windows,
  fn: (numbers: number[], place: readonly number[]) => number,
): Array64 {
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
  return make([batch, ...windows.output, channels], ([n, row, column, c]) => {
    const numbers: number[] = [];
    visitWindow(windows, [height, width], [row!, column!], (y, z) => {
      numbers.push(x.data[((n! * height + y) * width + z) * channels + c!]!);
    });
    return fn(numbers, [row!, column!]);
  });
}

/** The error function, by its series or by its continued fraction. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 3) {
    let [term, sum] = [a, a];
    for (let n = 1; n < 120; n++) {
      term *= -a * a / n;
      sum += term / (2 * n + 1);
    }
    return Math.sign(x) * 2 / Math.sqrt(Math.PI) * sum;
  }
  let fraction = 0;
  for (let n = 60; n >= 1; n--) fraction = n / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction));
}
