// Tensors joined along an axis, and cut along one. Numbers are 32 bits, which are moved as they are.
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

/** Writes the program that puts rows of so many tensors behind each other. */
const getJoin = (count: number, width: 1 | 4): Program => {
  const { uint } = getTypes(width);
  const each = (write: (i: number) => string, separator: string) =>
    Array.from({ length: count }, (_, i) => write(i)).join(separator);
  return {
    key: `rill-join-${count}-${width}`,
    code: () =>
      `struct Settings { size : i32, columns : i32, all : i32, first : i32, ${
        each((i) => `length${i} : i32`, ", ")
      } }
@group(0) @binding(0) var<storage, read_write> y : array<${uint}>;
${each((i) => `@group(0) @binding(${i + 1}) var<storage, read> x${i} : array<${uint}>;`, "\n")}
@group(0) @binding(${count + 1}) var<uniform> s : Settings;
${EACH_THREAD}
  if (at >= s.size) { return; }
  let row = at / s.columns;
  let place = at % s.columns;
  let target_ = row * s.all + s.first + place;
  var column = place;
${
        each(
          (i) =>
            `  if (column < s.length${i}) { y[target_] = x${i}[row * s.length${i} + column]; return; }
  column -= s.length${i};`,
          "\n",
        )
      }
}
`,
  };
};

/** Writes the program that takes a part of each row. */
const getCut = (width: 1 | 4): Program => {
  const { uint } = getTypes(width);
  return {
    key: `rill-cut-${width}`,
    code: () =>
      `struct Settings { size : i32, columns : i32, all : i32, first : i32 }
@group(0) @binding(0) var<storage, read_write> y : array<${uint}>;
@group(0) @binding(1) var<storage, read> x : array<${uint}>;
@group(0) @binding(2) var<uniform> s : Settings;
${EACH_THREAD}
  if (at >= s.size) { return; }
  y[at] = x[at / s.columns * s.all + s.first + at % s.columns];
}
`,
  };
};

/** The tensors that one dispatch joins at most: the code has a branch for each. */
const MOST_JOINED = 7;

/** Joins tensors along an axis. */
export function join(
  backend: GpuBackend,
  tensors: readonly tf.TensorInfo[],
  axis: number,
): tf.TensorInfo {
  const shape = [...tensors[0]!.shape];
  shape[axis] = tensors.reduce((sum, { shape }) => sum + shape[axis]!, 0);
  const y = makeOutput(backend, shape);
  const rows = tf.util.sizeFromShape(shape.slice(0, axis));
  const lengths = tensors.map(({ shape }) => tf.util.sizeFromShape(shape.slice(axis)));
  const width = lengths.every((length) => length % 4 === 0) ? 4 : 1;
  const all = tf.util.sizeFromShape(shape.slice(axis));
  const most = Math.min(MOST_JOINED, backend.device.limits.maxStorageBuffersPerShaderStage - 1);
  let first = 0;
  for (let i = 0; i < tensors.length; i += most) {
    const own = lengths.slice(i, i + most);
    const columns = own.reduce((sum, length) => sum + length, 0);
    const size = rows * columns / width;
    dispatch(
      backend,
      getJoin(own.length, width),
      [y, ...tensors.slice(i, i + most)],
      [size, ...[columns, all, first, ...own].map((length) => length / width)],
      spreadGroups(backend, Math.ceil(size / 64)),
    );
    first += columns;
  }
  return y;
}

/** Cuts a part out of a tensor along one axis. */
export function cut(
  backend: GpuBackend,
  x: tf.TensorInfo,
  axis: number,
  begin: number,
  length: number,
): tf.TensorInfo {
  const shape = x.shape.with(axis, length);
  const y = makeOutput(backend, shape);
  const inner = tf.util.sizeFromShape(shape.slice(axis + 1));
  const lengths = [length, x.shape[axis]!, begin].map((length) => length * inner);
  const width = lengths.every((length) => length % 4 === 0) ? 4 : 1;
  const size = tf.util.sizeFromShape(shape) / width;
  dispatch(
    backend,
    getCut(width),
    [y, x],
    [size, ...lengths.map((length) => length / width)],
    spreadGroups(backend, Math.ceil(size / 64)),
  );
  return y;
}
