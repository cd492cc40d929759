import * as tf from "@tensorflow/tfjs-core";
import type { DropoutAttrs } from "../definitions/_kernel_names.ts";
import {
  dispatch,
  EACH_THREAD,
  makeOutput,
  type Program,
  spreadGroups,
} from "./device/_dispatch.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";
import { DROPOUT_CODE, listDropoutSettings } from "./gemm/_dropout_code.ts";

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

/** Drops elements by counter. */
export function drop(backend: GpuBackend, x: tf.TensorInfo, attrs: DropoutAttrs): tf.TensorInfo {
  const y = makeOutput(backend, x.shape);
  const size = tf.util.sizeFromShape(x.shape);
  dispatch(
    backend,
    DROPOUT,
    [y, x],
    [size],
    spreadGroups(backend, Math.ceil(size / 64)),
    listDropoutSettings(attrs),
  );
  return y;
}
