import * as tf from "@tensorflow/tfjs-core";
import { dispatch, EACH_THREAD, type Program, spread } from "../device/_dispatch.ts";
import {
  type Epilogue,
  epilogueArguments,
  epilogueCode,
  type EpilogueKind,
  epilogueSettings,
  finished,
  kindOf,
} from "./_epilogue.ts";
import type { GpuBackend } from "../device/_gpu_backend.ts";

const sumSlicesBy = (kind: EpilogueKind): Program => ({
  key: `rill-sum-slices-${kind}`,
  code: () =>
    `struct Settings {
  size : i32, slices : i32, sliceSize : i32, columns : i32,
${epilogueSettings(kind)}
}
@group(0) @binding(0) var<storage, read_write> result : array<f32>;
@group(0) @binding(1) var<storage, read> x : array<f32>;
${epilogueCode(kind, 2)}
${EACH_THREAD}
  if (at >= s.sliceSize) { return; }
  var sum = 0.0;
  for (var slice = 0; slice < s.slices; slice++) { sum += x[slice * s.sliceSize + at]; }
  let column = at % s.columns;
  ${
      kind === "ones"
        ? `if (at >= s.size) {
    sums[column] = sum * s.scale;
    return;
  }`
        : ""
    }
  result[at] = ${finished(kind)};
}
`,
});

/** Sums the slices of a product, always in the same order, and does what comes after a product. */
export function sumSlices(
  backend: GpuBackend,
  x: tf.TensorInfo,
  result: tf.TensorInfo,
  columns: number,
  epilogue: Epilogue | undefined,
): void {
  const { tensors, settings, fleeting } = epilogueArguments(epilogue);
  const [slices, sliceSize] = x.shape;
  dispatch(
    backend,
    sumSlicesBy(kindOf(epilogue)),
    [result, x, ...tensors],
    [tf.util.sizeFromShape(result.shape), slices, sliceSize, columns, ...settings],
    spread(backend, Math.ceil(sliceSize / 64)),
    fleeting,
  );
}
