import type * as tf from "@tensorflow/tfjs-core";
import {
  dispatch,
  EACH_THREAD,
  makeOutput,
  type Program,
  spreadGroups,
} from "./device/_dispatch.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

const SUM_ROWS: Program = {
  key: "rill-sum-rows",
  code: () =>
    `struct Settings { rows : i32, columns : i32, sliceRows : i32, slices : i32 }
@group(0) @binding(0) var<storage, read_write> result : array<f32>;
@group(0) @binding(1) var<storage, read> x : array<f32>;
@group(0) @binding(2) var<uniform> s : Settings;
${EACH_THREAD}
  if (at >= s.columns * s.slices) { return; }
  let first = at / s.columns * s.sliceRows;
  let end = min(first + s.sliceRows, s.rows);
  let column = at % s.columns;
  var sum = 0.0;
  for (var row = first; row < end; row++) { sum += x[row * s.columns + column]; }
  result[at] = sum;
}
`,
};

/** The sums that keep a device busy. */
const ENOUGH_SUMS = 16384;
/** The rows that one thread sums at least, where there are too few columns. */
const LEAST_ROWS = 64;

/** Sums `[rows, columns]` over its rows, always in the same order. */
export function sumRows(
  backend: GpuBackend,
  x: tf.TensorInfo,
  result: tf.TensorInfo,
  rows: number,
  columns: number,
): void {
  const wanted = Math.min(Math.ceil(ENOUGH_SUMS / columns), Math.ceil(rows / LEAST_ROWS));
  const sliceRows = Math.ceil(rows / wanted);
  const slices = Math.ceil(rows / sliceRows);
  const target = slices === 1 ? result : makeOutput(backend, [slices, columns]);
  dispatch(
    backend,
    SUM_ROWS,
    [target, x],
    [rows, columns, sliceRows, slices],
    spreadGroups(backend, Math.ceil(columns * slices / 64)),
  );
  if (target === result) return;
  sumRows(backend, target, result, slices, columns);
  backend.disposeData(target.dataId);
}
