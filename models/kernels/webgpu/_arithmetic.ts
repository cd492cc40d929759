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

/** The operations that there are programs for. */
export type Operator = "+" | "*";

const NAMES: Readonly<Record<Operator, string>> = { "+": "add", "*": "multiply" };

/** Writes the program for operands of one shape, or of which the second is repeated. */
const getProgram = (operator: Operator, repeats: boolean, width: 1 | 4): Program => {
  const { float } = getTypes(width);
  return {
    key: `rill-${NAMES[operator]}${repeats ? "-repeated" : ""}-${width}`,
    code: () =>
      `struct Settings { size : i32, columns : i32 }
@group(0) @binding(0) var<storage, read_write> y : array<${float}>;
@group(0) @binding(1) var<storage, read> a : array<${float}>;
@group(0) @binding(2) var<storage, read> b : array<${float}>;
@group(0) @binding(3) var<uniform> s : Settings;
${EACH_THREAD}
  if (at >= s.size) { return; }
  y[at] = a[at] ${operator} b[${repeats ? "at % s.columns" : "at"}];
}
`,
  };
};

/**
 * Adds or multiplies two tensors of one shape, or of which the second has the last dimensions of the first.
 *
 * @returns Nothing where their shapes are others.
 */
export function combineNumbers(
  backend: GpuBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  operator: Operator,
): tf.TensorInfo | undefined {
  const first = b.shape.findIndex((length) => length !== 1);
  const own = first < 0 ? [] : b.shape.slice(first);
  const rest = a.shape.slice(a.shape.length - own.length);
  const fits = b.shape.length <= a.shape.length && own.length > 0 &&
    own.every((length, d) => length === rest[d]);
  if (!fits) return undefined;
  const y = makeOutput(backend, a.shape);
  const numbers = tf.util.sizeFromShape(a.shape);
  const columns = tf.util.sizeFromShape(own);
  const width = columns % 4 === 0 ? 4 : 1;
  const size = numbers / width;
  dispatch(
    backend,
    getProgram(operator, columns < numbers, width),
    [y, a, b],
    [size, columns / width],
    spreadGroups(backend, Math.ceil(size / 64)),
  );
  return y;
}
