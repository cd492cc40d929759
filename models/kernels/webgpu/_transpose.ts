import * as tf from "@tensorflow/tfjs-core";
import {
  dispatch,
  EACH_THREAD,
  makeOutput,
  type Program,
  spreadGroups,
} from "./device/_dispatch.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

const TRANSPOSE: Program = {
  key: "rill-transpose",
  code: () =>
    `struct Settings { size : i32, rows : i32, columns : i32 }
@group(0) @binding(0) var<storage, read_write> y : array<f32>;
@group(0) @binding(1) var<storage, read> x : array<f32>;
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
