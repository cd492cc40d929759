import type * as tf from "@tensorflow/tfjs-core";
import {
  dispatch,
  EACH_THREAD,
  makeOutput,
  type Program,
  spreadGroups,
} from "./device/_dispatch.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

const RUNNING: Program = {
  key: "rill-running-statistics",
  code: () =>
    `struct Settings { size : i32, momentum : f32, correction : f32 }
@group(0) @binding(0) var<storage, read_write> nextMean : array<f32>;
@group(0) @binding(1) var<storage, read_write> nextVariance : array<f32>;
@group(0) @binding(2) var<storage, read_write> nextTracked : array<f32>;
@group(0) @binding(3) var<storage, read> runningMean : array<f32>;
@group(0) @binding(4) var<storage, read> runningVariance : array<f32>;
@group(0) @binding(5) var<storage, read> tracked : array<f32>;
@group(0) @binding(6) var<storage, read> mean : array<f32>;
@group(0) @binding(7) var<storage, read> variance : array<f32>;
@group(0) @binding(8) var<uniform> s : Settings;
${EACH_THREAD}
  if (at >= s.size) { return; }
  let count = tracked[0] + 1.0;
  if (at == 0) { nextTracked[0] = count; }
  let part = select(s.momentum, 1.0 / count, s.momentum < 0.0);
  nextMean[at] = runningMean[at] + (mean[at] - runningMean[at]) * part;
  nextVariance[at] = runningVariance[at] + (variance[at] * s.correction - runningVariance[at]) * part;
}
`,
};

/** Gives the running statistics their part of a batch's: see `RUNNING_STATISTICS`. */
export function approachStatistics(
  backend: GpuBackend,
  { runningMean, runningVariance, tracked, mean, variance }: Readonly<
    Record<"runningMean" | "runningVariance" | "tracked" | "mean" | "variance", tf.TensorInfo>
  >,
  { momentum, correction }: { readonly momentum: number | null; readonly correction: number },
): tf.TensorInfo[] {
  const outputs = [runningMean, runningVariance, tracked].map(({ shape }) =>
    makeOutput(backend, shape)
  );
  const [size = 0] = mean.shape;
  dispatch(
    backend,
    RUNNING,
    [...outputs, runningMean, runningVariance, tracked, mean, variance],
    [size, { float: momentum ?? -1 }, { float: correction }],
    spreadGroups(backend, Math.ceil(size / 64)),
  );
  return outputs;
}

const FACTORS: Program = {
  key: "rill-running-factors",
  code: () =>
    `struct Settings { size : i32, epsilon : f32 }
@group(0) @binding(0) var<storage, read_write> scale : array<f32>;
@group(0) @binding(1) var<storage, read_write> shift : array<f32>;
@group(0) @binding(2) var<storage, read> mean : array<f32>;
@group(0) @binding(3) var<storage, read> variance : array<f32>;
@group(0) @binding(4) var<storage, read> weight : array<f32>;
@group(0) @binding(5) var<storage, read> bias : array<f32>;
@group(0) @binding(6) var<uniform> s : Settings;
${EACH_THREAD}
  if (at >= s.size) { return; }
  let factor = weight[at] * inverseSqrt(variance[at] + s.epsilon);
  scale[at] = factor;
  shift[at] = bias[at] - mean[at] * factor;
}
`,
};

/** Computes what running statistics do to each channel: see `RUNNING_FACTORS`. */
export function computeRunningFactors(
  backend: GpuBackend,
  { mean, variance, weight, bias }: Readonly<
    Record<"mean" | "variance" | "weight" | "bias", tf.TensorInfo>
  >,
  epsilon: number,
): tf.TensorInfo[] {
  const outputs = [makeOutput(backend, mean.shape), makeOutput(backend, mean.shape)];
  const [size = 0] = mean.shape;
  dispatch(
    backend,
    FACTORS,
    [...outputs, mean, variance, weight, bias],
    [size, { float: epsilon }],
    spreadGroups(backend, Math.ceil(size / 64)),
  );
  return outputs;
}
