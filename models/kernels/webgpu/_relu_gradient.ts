import * as tf from "@tensorflow/tfjs-core";
import { dispatch, EACH_THREAD, output, type Program, spread } from "./device/_dispatch.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

/** Numbers come one by one or four at a time. */
const reluGradientOf = (type: "f32" | "vec4<f32>"): Program => ({
  key: `rill-relu-gradient-${type}`,
  code: () =>
    `struct Settings { size : i32 }
@group(0) @binding(0) var<storage, read_write> dx : array<${type}>;
@group(0) @binding(1) var<storage, read> x : array<${type}>;
@group(0) @binding(2) var<storage, read> dy : array<${type}>;
@group(0) @binding(3) var<uniform> s : Settings;
${EACH_THREAD}
  if (at >= s.size) { return; }
  // This way round what is no number passes its gradient on, as in PyTorch.
  dx[at] = select(dy[at], ${type}(0), x[at] <= ${type}(0));
}
`,
});

const SINGLE = reluGradientOf("f32");
const FOURFOLD = reluGradientOf("vec4<f32>");

/** The gradient of `max(x, 0)`. */
export function reluGradient(
  backend: GpuBackend,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
): tf.TensorInfo {
  const result = output(backend, x.shape);
  const numbers = tf.util.sizeFromShape(x.shape);
  const width = numbers % 4 === 0 ? 4 : 1;
  const size = numbers / width;
  dispatch(
    backend,
    width === 4 ? FOURFOLD : SINGLE,
    [result, x, dy],
    [size],
    spread(backend, Math.ceil(size / 64)),
  );
  return result;
}
