import * as tf from "@tensorflow/tfjs-core";
import type { DropoutAttrs } from "../definitions/_kernel_names.ts";
import { dispatch, EACH_THREAD, output, type Program, spread } from "./device/_dispatch.ts";
import { DROPOUT_CODE, dropoutSettings } from "./gemm/_epilogue.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

const DROPOUT: Program = {
  key: "rill-dropout",
  code: () =>
    `struct Settings { size : i32 }
@group(0) @binding(0) var<storage, read_write> y : array<f32>;
@group(0) @binding(1) var<storage, read> x : array<f32>;
@group(0) @binding(2) var<uniform> s : Settings;
@group(0) @binding(3) var<uniform> d : Dropout;
${DROPOUT_CODE}
${EACH_THREAD}
  if (at < s.size) { y[at] = dropped(x[at], at); }
}
`,
};

/** Dropout by counter. */
export function dropout(
  backend: GpuBackend,
  x: tf.TensorInfo,
  attrs: DropoutAttrs,
): tf.TensorInfo {
  const y = output(backend, x.shape);
  const size = tf.util.sizeFromShape(x.shape);
  dispatch(
    backend,
    DROPOUT,
    [y, x],
    [size],
    spread(backend, Math.ceil(size / 64)),
    dropoutSettings(attrs),
  );
  return y;
}
