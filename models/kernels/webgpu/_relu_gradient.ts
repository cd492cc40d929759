import * as tf from "@tensorflow/tfjs-core";
import {
  dispatch,
  EACH_THREAD,
  makeOutput,
  type Program,
  spreadGroups,
} from "./device/_dispatch.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

/** Gives the program for numbers that come one by one or four at a time. */
const getProgram = (type: "f32" | "vec4<f32>"): Program => ({
  key: `rill-relu-gradient-${type}`,
  code: () =>
    `struct Settings { size : i32 }
@group(0) @binding(0) var<storage, read_write> dx : array<${type}>;
@group(0) @binding(1) var<storage, read> x : array<${type}>;
@group(0) @binding(2) var<storage, read> dy : array<${type}>;
@group(0) @binding(3) var<uniform> s : Settings;
${EACH_THREAD}
  if (at >= s.size) { return; }
  // This way round NaN passes its gradient on, as in PyTorch.
  dx[at] = select(dy[at], ${type}(0), x[at] <= ${type}(0));
}
`,
});

const SINGLE = getProgram("f32");
const FOURFOLD = getProgram("vec4<f32>");

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
