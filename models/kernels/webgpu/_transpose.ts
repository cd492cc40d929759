import * as tf from "@tensorflow/tfjs-core";
import {
  dispatch,
  EACH_THREAD,
  makeOutput,
  type Program,
  spreadGroups,
} from "./device/_dispatch.ts";
import { getTypes } from "./device/_float_bits.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

// Elements of every type are 32 bits, which are moved as they are.

const TRANSPOSE: Program = {
  key: "rill-transpose",
  code: () =>
    `struct Settings { size : i32, rows : i32, columns : i32 }
@group(0) @binding(0) var<storage, read_write> y : array<u32>;
@group(0) @binding(1) var<storage, read> x : array<u32>;
@group(0) @binding(2) var<uniform> s : Settings;
${EACH_THREAD}
  if (at >= s.size) { return; }
  let row = at % s.rows;
  let column = at / s.rows % s.columns;
  let matrix = at / (s.rows * s.columns);
  y[at] = x[(matrix * s.rows + row) * s.columns + column];
}
`,
};

/** The dimensions that a permutation may have once its neighbours are joined. */
const MOST_DIMENSIONS = 6;

const PERMUTE: Program = {
  key: "rill-permute",
  code: () =>
    `struct Settings {
  size : i32,
  ${listNames((d) => `length${d} : i32`)},
  ${listNames((d) => `stride${d} : i32`)},
}
@group(0) @binding(0) var<storage, read_write> y : array<u32>;
@group(0) @binding(1) var<storage, read> x : array<u32>;
@group(0) @binding(2) var<uniform> s : Settings;
${EACH_THREAD}
  if (at >= s.size) { return; }
  var rest = at;
  var source = 0;
${listNames((d) => `  source += rest % s.length${d} * s.stride${d}; rest /= s.length${d};`, "\n")}
  y[at] = x[source];
}
`,
};

function listNames(write: (d: number) => string, separator = ", "): string {
  return Array.from({ length: MOST_DIMENSIONS }, (_, d) => write(d)).join(separator);
}

/** A dimension of a result: its length, and the distance of its numbers in the source. */
interface Dimension {
  readonly length: number;
  readonly stride: number;
}

/** Gathers numbers of any type, dimension by dimension. */
function gather(
  backend: GpuBackend,
  x: tf.TensorInfo,
  shape: readonly number[],
  dimensions: readonly Dimension[],
): tf.TensorInfo | undefined {
  // From the last dimension of the result to its first, without those of length 1.
  const long = dimensions.toReversed().filter(({ length }) => length !== 1);
  if (long.length > MOST_DIMENSIONS) return undefined;
  const stored = backend.tensorMap.get(x.dataId).dtype;
  const y = backend.makeTensorInfo([...shape], stored);
  const pick = (get: (dimension: Dimension) => number) =>
    Array.from({ length: MOST_DIMENSIONS }, (_, i) => get(long[i] ?? { length: 1, stride: 0 }));
  const size = tf.util.sizeFromShape([...shape]);
  dispatch(
    backend,
    PERMUTE,
    [y, x],
    [size, ...pick(({ length }) => length), ...pick(({ stride }) => stride)],
    spreadGroups(backend, Math.ceil(size / 64)),
  );
  return { ...y, dtype: x.dtype };
}

/** Computes how far the numbers of each dimension are from each other. */
const computeStrides = (shape: readonly number[]): number[] => {
  let stride = 1;
  return shape.toReversed().map((length) => {
    const own = stride;
    stride *= length;
    return own;
  }).reverse();
};

/** Permutes dimensions of a tensor of any type. */
export function permute(
  backend: GpuBackend,
  x: tf.TensorInfo,
  order: readonly number[],
): tf.TensorInfo | undefined {
  const strides = computeStrides(x.shape);
  const dimensions = order.map((d) => ({ length: x.shape[d]!, stride: strides[d]! }));
  return gather(backend, x, dimensions.map(({ length }) => length), dimensions);
}

const getRepeatProgram = (width: 1 | 4): Program => {
  const { uint } = getTypes(width);
  return {
    key: `rill-repeat-${width}`,
    code: () =>
      `struct Settings { size : i32, columns : i32, all : i32 }
@group(0) @binding(0) var<storage, read_write> y : array<${uint}>;
@group(0) @binding(1) var<storage, read> x : array<${uint}>;
@group(0) @binding(2) var<uniform> s : Settings;
${EACH_THREAD}
  if (at >= s.size) { return; }
  y[at] = x[at / s.all * s.columns + at % s.columns];
}
`,
  };
};

/** Repeats each row so many times. */
export function repeatRows(
  backend: GpuBackend,
  x: tf.TensorInfo,
  shape: readonly number[],
  columns: number,
  count: number,
): tf.TensorInfo {
  const y = backend.makeTensorInfo([...shape], backend.tensorMap.get(x.dataId).dtype);
  const width = columns % 4 === 0 ? 4 : 1;
  const size = tf.util.sizeFromShape([...shape]) / width;
  dispatch(
    backend,
    getRepeatProgram(width),
    [y, x],
    [size, columns / width, columns * count / width],
    spreadGroups(backend, Math.ceil(size / 64)),
  );
  return { ...y, dtype: x.dtype };
}

/**
 * Repeats a tensor of any type along dimensions in which it has length 1.
 *
 * @returns Nothing where it is repeated along others.
 */
export function repeat(
  backend: GpuBackend,
  x: tf.TensorInfo,
  counts: readonly number[],
): tf.TensorInfo | undefined {
  if (counts.some((count, d) => count !== 1 && x.shape[d] !== 1)) return undefined;
  const shape = x.shape.map((length, d) => length * counts[d]!);
  const repeated = counts.flatMap((count, d) => count === 1 ? [] : [d]);
  const [first = 0] = repeated;
  const areNeighbors = repeated.every((d, i) => d === first + i);
  if (areNeighbors) {
    const inner = tf.util.sizeFromShape(x.shape.slice(first));
    return repeatRows(backend, x, shape, inner, counts.reduce((a, b) => a * b, 1));
  }
  const strides = computeStrides(x.shape);
  const dimensions = shape.map((length, d) => ({
    length,
    stride: counts[d] === 1 ? strides[d]! : 0,
  }));
  return gather(backend, x, shape, dimensions);
}

/**
 * Permutes dimensions so that two groups of neighbours at the end are exchanged, as from channels last to channels first:
 * matrices are transposed.
 *
 * @returns Nothing where the permutation is another one.
 */
export function transpose(
  backend: GpuBackend,
  x: tf.TensorInfo,
  order: readonly number[],
): tf.TensorInfo | undefined {
  const first = order.findIndex((d, i) => d !== i);
  const moved = order[first];
  if (moved === undefined) return undefined;
  const { length } = order;
  const shift = moved - first;
  const isExchange = order.slice(first).every((d, i) =>
    d === first + (i + shift) % (length - first)
  );
  if (!isExchange) return undefined;
  const y = makeOutput(backend, order.map((d) => x.shape[d]!));
  const size = tf.util.sizeFromShape(x.shape);
  const rows = tf.util.sizeFromShape(x.shape.slice(first, first + shift));
  const columns = tf.util.sizeFromShape(x.shape.slice(first + shift));
  dispatch(
    backend,
    TRANSPOSE,
    [y, x],
    [size, rows, columns],
    spreadGroups(backend, Math.ceil(size / 64)),
  );
  return y;
}
