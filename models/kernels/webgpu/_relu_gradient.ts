import * as tf from "@tensorflow/tfjs-core";
import {
  dispatch,
  EACH_THREAD,
  makeOutput,
  type Program,
  spreadGroups,
} from "./device/_dispatch.ts";
import { getTypes, writeIsAtMostZero } from "./device/_float_bits.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

/** Gives the program for numbers that come one by one or four at a time. */
const getProgram = (width: 1 | 4): Program => {
  const { float } = getTypes(width);
  return {
    key: `rill-relu-gradient-${width}`,
    code: () =>
      `struct Settings { size : i32 }
@group(0) @binding(0) var<storage, read_write> dx : array<${float}>;
@group(0) @binding(1) var<storage, read> x : array<${float}>;
@group(0) @binding(2) var<storage, read> dy : array<${float}>;
@group(0) @binding(3) var<uniform> s : Settings;
${EACH_THREAD}
  if (at >= s.size) { return; }
  let value = x[at];
  // NaN passes its gradient on, as in PyTorch.
  dx[at] = select(dy[at], ${float}(0), ${writeIsAtMostZero("value", width)});
}
`,
  };
};

const SINGLE = getProgram(1);
const FOURFOLD = getProgram(4);

/** Computes the gradient of `max(x, 0)`. */
export function computeReluGradient(
  backend: GpuBackend,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
): tf.TensorInfo {
  const result = makeOutput(backend, x.shape);
  const numbers = tf.util.sizeFromShape(x.shape);
  const width = numbers % 4 === 0 ? 4 : 1;
  const size = numbers / width;
  dispatch(
    backend,
    width === 4 ? FOURFOLD : SINGLE,
    [result, x, dy],
    [size],
    spreadGroups(backend, Math.ceil(size / 64)),
  );
  return result;
}
