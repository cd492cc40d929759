// Sums over the rows of matrices, column by column, in two programs: threads that each sum a slice of a matrix's rows, and some
// that add up what these have found. Every sum has one order, so that it is the same each time.
import type * as tf from "@tensorflow/tfjs-core";
import {
  dispatch,
  EACH_THREAD,
  makeOutput,
  type Program,
  spreadGroups,
  writeBindings,
} from "../device/_dispatch.ts";
import { getTypes } from "../device/_float_bits.ts";
import type { GpuBackend } from "../device/_gpu_backend.ts";

/** Matrices that lie behind each other. */
export interface Matrices {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
}

/** How the rows of matrices are divided among threads. */
export interface Slices extends Matrices {
  /** The slices of a matrix, and the rows that each but the last has. */
  readonly slices: number;
  readonly sliceRows: number;
}

/** The sums that keep a device busy. */
const ENOUGH_SUMS = 16384;
/** The rows that one thread sums at least, where there are too few columns. */
const LEAST_ROWS = 32;
/** And at most: lavapipe ends a thread's loops after 65,535 turns. */
const MOST_ROWS = 16384;

/** Divides the rows of matrices into slices. */
export function sliceRows(
  { batch, rows, columns }: Matrices,
  /** How many columns one thread sums. */
  width: number,
): Slices {
  const wanted = Math.max(
    Math.min(Math.ceil(ENOUGH_SUMS * width / (batch * columns)), Math.ceil(rows / LEAST_ROWS)),
    Math.ceil(rows / MOST_ROWS),
  );
  const sliceRows = Math.ceil(rows / wanted);
  return { batch, rows, columns, sliceRows, slices: Math.ceil(rows / sliceRows) };
}

/** Gives how many columns a thread takes: four where they divide. */
export const chooseWidth = (columns: number): 1 | 4 => columns % 4 === 0 ? 4 : 1;

/** What the threads of {@linkcode sumSlices} find. */
export interface SliceSum {
  /** Names it in the program's key. */
  readonly name: string;
  /** The tensors that are read besides the target, by their names in the code: of matrices, or one number for each column. */
  readonly inputs: readonly string[];
  /** The WGSL that a slice begins with, and what is done for each row, where `place` is the number's and `column` its column's. */
  readonly begin: string;
  readonly each: string;
  /** What it has found, one expression for each of the numbers that a slice gives. */
  readonly found: readonly string[];
}

/** Writes the program of a sum over slices. `FLOAT` stands for the type of its numbers. */
const getSliceProgram = ({ name, inputs, begin, each, found }: SliceSum, width: 1 | 4): Program => {
  const { float } = getTypes(width);
  return {
    key: `rill-slices-${name}-${width}`,
    code: () =>
      `struct Settings { size : i32, rows : i32, columns : i32, sliceRows : i32, slices : i32, factor : f32 }
${writeBindings(float, "target_", inputs)}
${EACH_THREAD}
  if (at >= s.size) { return; }
  let column = at % s.columns;
  let first = at / s.columns % s.slices * s.sliceRows;
  let end = min(first + s.sliceRows, s.rows);
  let start = at / (s.columns * s.slices) * s.rows;
  ${begin.replaceAll("FLOAT", float)}
  for (var row = first; row < end; row++) {
    let place = (start + row) * s.columns + column;
    ${each.replaceAll("FLOAT", float)}
  }
${found.map((each, i) => `  target_[at + ${i} * s.size] = ${each} * s.factor;`).join("\n")}
}
`,
  };
};

/**
 * Sums each slice of the rows of matrices.
 *
 * @param inputs The tensors, in the order of the sum's names.
 * @param factor What each sum is multiplied with.
 * @returns `[found, batch, slices, columns]`, where `found` are the numbers that a slice gives.
 */
export function sumSlices(
  backend: GpuBackend,
  sum: SliceSum,
  inputs: readonly tf.TensorInfo[],
  { batch, rows, columns, sliceRows, slices }: Slices,
  factor = 1,
): tf.TensorInfo {
  const width = chooseWidth(columns);
  const target = makeOutput(backend, [sum.found.length, batch, slices, columns]);
  const size = batch * slices * columns / width;
  dispatch(
    backend,
    getSliceProgram(sum, width),
    [target, ...inputs],
    [size, rows, columns / width, sliceRows, slices, { float: factor }],
    spreadGroups(backend, Math.ceil(size / 64)),
  );
  return target;
}

/** The threads that add up the slices of a column, and the columns that a workgroup has. */
const LANES = 8;
const COLUMNS = 8;

/** What is done with the sums of a column over all slices. */
export interface Finish {
  /** Names it in the program's key. */
  readonly name: string;
  /** The tensors, by their names in the code, that are written and that are read: the slices' sums, `parts`, come behind these. */
  readonly outputs: readonly string[];
  readonly inputs: readonly string[];
  /** The names of its own settings, which are floats. */
  readonly settings?: readonly string[];
  /** The WGSL of it, where `sum0`, `sum1`, … are the sums, and `at` the place among all columns. */
  readonly code: string;
  /**
   * What is summed of each slice, one after the other, so that a term may need the sum before it: WGSL that makes `term` of what
   * the slice has found, of which `parts[part + k * s.size]` is the `k`th number.
   */
  readonly terms: readonly string[];
}

/** Makes a term of the `k`th number that a slice has found. */
export const takeFound = (k: number): string => `let term = parts[part + ${k} * s.size];`;

const getFinishProgram = (
  { name, outputs, inputs, settings = [], code, terms }: Finish,
): Program => {
  const read = ["parts", ...inputs];
  const bind = (names: readonly string[], first: number, access: string) =>
    names.map((name, i) =>
      `@group(0) @binding(${first + i}) var<storage, ${access}> ${name} : array<f32>;`
    ).join("\n");
  const sums = terms.map((term, i) =>
    `  var own${i} = 0.0;
  if (isInside) {
    for (var slice = lane; slice < s.slices; slice += ${LANES}) {
      let part = (batch * s.slices + slice) * s.columns + column;
      ${term}
      own${i} += term;
    }
  }
  lanes[thread.x] = own${i};
  workgroupBarrier();
  var sum${i} = 0.0;
  for (var i = 0u; i < ${LANES}u; i++) { sum${i} += lanes[thread.x % ${COLUMNS}u + i * ${COLUMNS}u]; }
  workgroupBarrier();`
  );
  return {
    key: `rill-finish-${name}`,
    code: () =>
      `struct Settings {
  all : i32, size : i32, rows : i32, columns : i32, sliceRows : i32, slices : i32,
  ${settings.map((name) => `${name} : f32,`).join(" ")}
}
${bind(outputs, 0, "read_write")}
${bind(read, outputs.length, "read")}
@group(0) @binding(${outputs.length + read.length}) var<uniform> s : Settings;
var<workgroup> lanes : array<f32, ${LANES * COLUMNS}>;
@compute @workgroup_size(${LANES * COLUMNS})
fn main(
  @builtin(workgroup_id) group : vec3<u32>,
  @builtin(num_workgroups) groups : vec3<u32>,
  @builtin(local_invocation_id) thread : vec3<u32>,
) {
  let at = i32((group.y * groups.x + group.x) * ${COLUMNS}u + thread.x % ${COLUMNS}u);
  let lane = i32(thread.x / ${COLUMNS}u);
  let isInside = at < s.all;
  let column = at % s.columns;
  let batch = at / s.columns;
${sums.join("\n")}
  if (!isInside || lane > 0) { return; }
${code}
}
`,
  };
};

/** Adds up what slices have found, column by column, and does something with the sums. */
export function finishSlices(
  backend: GpuBackend,
  finish: Finish,
  { outputs, parts, inputs = [] }: {
    readonly outputs: readonly tf.TensorInfo[];
    readonly parts: tf.TensorInfo;
    readonly inputs?: readonly tf.TensorInfo[];
  },
  { batch, rows, columns, sliceRows, slices }: Slices,
  settings: readonly number[] = [],
): void {
  const all = batch * columns;
  dispatch(
    backend,
    getFinishProgram(finish),
    [...outputs, parts, ...inputs],
    [
      all,
      all * slices,
      rows,
      columns,
      sliceRows,
      slices,
      ...settings.map((setting) => ({ float: setting })),
    ],
    spreadGroups(backend, Math.ceil(all / COLUMNS)),
  );
}

const SUM: SliceSum = {
  name: "sum",
  inputs: ["x"],
  begin: "var sum = FLOAT(0);",
  each: "sum += x[place];",
  found: ["sum"],
};

const TOTAL: Finish = {
  name: "sum",
  outputs: ["total"],
  inputs: [],
  settings: ["factor"],
  code: "  total[at] = sum0 * s.factor;",
  terms: [takeFound(0)],
};

/** Sums matrices `[batch, rows, columns]` over their rows, and multiplies the sums with a factor. */
export function sumMatrices(
  backend: GpuBackend,
  x: tf.TensorInfo,
  shape: readonly number[],
  matrices: Matrices,
  factor = 1,
): tf.TensorInfo {
  return addSlices(
    backend,
    SUM,
    [x],
    shape,
    sliceRows(matrices, chooseWidth(matrices.columns)),
    factor,
  );
}

/** Sums a matrix over its rows into a tensor, and multiplies the sums with a factor. */
export function sumInto(
  backend: GpuBackend,
  x: tf.TensorInfo,
  total: tf.TensorInfo,
  matrices: Matrices,
  factor: number,
): void {
  const slices = sliceRows(matrices, chooseWidth(matrices.columns));
  const parts = sumSlices(backend, SUM, [x], slices);
  finishSlices(backend, TOTAL, { outputs: [total], parts }, slices, [factor]);
  backend.disposeData(parts.dataId);
}

/** Sums over slices, and adds up what these have found, of which each gives one number. */
export function addSlices(
  backend: GpuBackend,
  sum: SliceSum,
  inputs: readonly tf.TensorInfo[],
  shape: readonly number[],
  slices: Slices,
  factor = 1,
): tf.TensorInfo {
  if (slices.slices === 1) {
    return { ...sumSlices(backend, sum, inputs, slices, factor), shape: [...shape] };
  }
  const parts = sumSlices(backend, sum, inputs, slices);
  const result = makeOutput(backend, shape);
  finishSlices(backend, TOTAL, { outputs: [result], parts }, slices, [factor]);
  backend.disposeData(parts.dataId);
  return result;
}
