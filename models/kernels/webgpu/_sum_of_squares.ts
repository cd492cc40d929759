import * as tf from "@tensorflow/tfjs-core";
import { dispatch, makeOutput, type Program } from "./device/_dispatch.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

/** The threads that sum together. */
const THREADS = 64;
/** The numbers that one thread sums at least, and the groups of threads for one tensor at most. */
const LEAST_NUMBERS = 16;
const MOST_GROUPS = 256;

/** Sums numbers, or their squares, from one place on: each group gives one sum, always in the same order. */
const getProgram = (squares: boolean): Program => ({
  key: `rill-sum-of-${squares ? "squares" : "numbers"}`,
  code: () =>
    `struct Settings { first : u32, count : u32 }
@group(0) @binding(0) var<storage, read_write> sums : array<f32>;
@group(0) @binding(1) var<storage, read> x : array<f32>;
@group(0) @binding(2) var<uniform> s : Settings;
var<workgroup> own : array<f32, ${THREADS}>;
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(workgroup_id) group : vec3<u32>,
  @builtin(num_workgroups) groups : vec3<u32>,
  @builtin(local_invocation_id) thread : vec3<u32>,
) {
  var sum = 0.0;
  for (var i = group.x * ${THREADS}u + thread.x; i < s.count; i += groups.x * ${THREADS}u) {
    sum += ${squares ? "x[i] * x[i]" : "x[i]"};
  }
  own[thread.x] = sum;
  workgroupBarrier();
  for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
    if (thread.x < half) { own[thread.x] += own[thread.x + half]; }
    workgroupBarrier();
  }
  if (thread.x == 0u) { sums[s.first + group.x] = own[0]; }
}
`,
});

const SQUARES = getProgram(true);
const NUMBERS = getProgram(false);

/** Sums the squares of all numbers of several tensors, of which none is empty, to a scalar. */
export function sumSquares(backend: GpuBackend, tensors: readonly tf.TensorInfo[]): tf.TensorInfo {
  const parts = tensors.map((x) => {
    const size = tf.util.sizeFromShape(x.shape);
    const groups = Math.min(MOST_GROUPS, Math.ceil(size / THREADS / LEAST_NUMBERS));
    return { x, size, groups };
  });
  const count = parts.reduce((sum, { groups }) => sum + groups, 0);
  const sums = makeOutput(backend, [count]);
  let first = 0;
  for (const { x, size, groups } of parts) {
    dispatch(backend, SQUARES, [sums, x], [first, size], [groups, 1, 1]);
    first += groups;
  }
  const result = makeOutput(backend, []);
  dispatch(backend, NUMBERS, [result, sums], [0, count], [1, 1, 1]);
  backend.disposeData(sums.dataId);
  return result;
}
