import * as tf from "@tensorflow/tfjs-core";
import {
  dispatch,
  EACH_THREAD,
  makeOutput,
  type Program,
  spreadGroups,
} from "./device/_dispatch.ts";
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

/** Permutes dimensions of a tensor of any type. */
export function permute(
  backend: GpuBackend,
  x: tf.TensorInfo,
  order: readonly number[],
): tf.TensorInfo | undefined {
  // From the last dimension of the result to its first, without those of length 1.
  const dimensions = order.toReversed().filter((d) => x.shape[d] !== 1);
  if (dimensions.length > MOST_DIMENSIONS) return undefined;
  const stored = backend.tensorMap.get(x.dataId).dtype;
  const y = backend.makeTensorInfo(order.map((d) => x.shape[d]!), stored);
  const strides = tf.util.computeStrides(x.shape);
  const pick = (values: readonly number[], other: number) =>
    Array.from({ length: MOST_DIMENSIONS }, (_, i) => {
      const d = dimensions[i];
      return d === undefined ? other : values[d] ?? 1;
    });
  const size = tf.util.sizeFromShape(x.shape);
  dispatch(
    backend,
    PERMUTE,
    [y, x],
    [size, ...pick(x.shape, 1), ...pick(strides, 0)],
    spreadGroups(backend, Math.ceil(size / 64)),
  );
  return { ...y, dtype: x.dtype };
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
