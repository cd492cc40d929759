import * as tf from "@tensorflow/tfjs-core";
import type { AdamAttrs } from "../_names.ts";
import { dispatch, EACH_THREAD, type Program, spread } from "./_dispatch.ts";
import type { GpuBackend } from "./_gpu_backend.ts";

/** Reads four numbers a parameter and writes three: 28 bytes. Parameters come one by one or four at a time. */
const adam = (type: "f32" | "vec4<f32>"): Program => ({
  key: `rill-adam-${type}`,
  code: () =>
    `struct Settings {
  beta1 : f32, beta2 : f32, rest1 : f32, rest2 : f32, stepSize : f32, scale : f32, epsilon : f32,
}
@group(0) @binding(0) var<storage, read_write> parameter : array<${type}>;
@group(0) @binding(1) var<storage, read_write> m : array<${type}>;
@group(0) @binding(2) var<storage, read_write> v : array<${type}>;
@group(0) @binding(3) var<storage, read> gradient : array<${type}>;
@group(0) @binding(4) var<uniform> s : Settings;
${EACH_THREAD}
  // Not a setting, so that all parameters of a step have the same settings.
  if (at >= i32(arrayLength(&parameter))) { return; }
  let g = gradient[at];
  let nextM = s.beta1 * m[at] + s.rest1 * g;
  let nextV = s.beta2 * v[at] + s.rest2 * g * g;
  m[at] = nextM;
  v[at] = nextV;
  parameter[at] = parameter[at] - s.stepSize * (nextM / (sqrt(nextV) * s.scale + s.epsilon));
}
`,
});

const SINGLE = adam("f32");
const FOURFOLD = adam("vec4<f32>");

/** One Adam update in place. */
export function updateByAdam(
  backend: GpuBackend,
  [parameter, m, v]: readonly [tf.TensorInfo, tf.TensorInfo, tf.TensorInfo],
  gradient: tf.TensorInfo,
  { beta1, beta2, stepSize, correction, epsilon }: AdamAttrs,
): void {
  const size = tf.util.sizeFromShape(parameter.shape);
  const width = size % 4 === 0 ? 4 : 1;
  dispatch(
    backend,
    width === 4 ? FOURFOLD : SINGLE,
    [parameter, m, v, gradient],
    [beta1, beta2, 1 - beta1, 1 - beta2, stepSize, 1 / correction, epsilon].map((float) => ({
      float,
    })),
    spread(backend, Math.ceil(size / width / 64)),
  );
  // What tfjs has read back of these is no longer so.
  for (const { dataId } of [parameter, m, v]) backend.tensorMap.get(dataId).values = null;
}
