import * as tf from "@tensorflow/tfjs-core";
import { dispatch, EACH_THREAD, type Program, spreadGroups } from "../device/_dispatch.ts";
import type { GpuBackend } from "../device/_gpu_backend.ts";
import {
  declareEpilogue,
  declareEpilogueSettings,
  type Epilogue,
  type EpilogueKind,
  getEpilogueKind,
  listEpilogueArguments,
  writeFinished,
} from "./_epilogue.ts";

const getProgram = (kind: EpilogueKind): Program => ({
  key: `rill-sum-slices-${kind}`,
  code: () =>
    `struct Settings {
  size : i32, slices : i32, sliceSize : i32, columns : i32,
${declareEpilogueSettings(kind)}
}
@group(0) @binding(0) var<storage, read_write> result : array<f32>;
@group(0) @binding(1) var<storage, read> x : array<f32>;
${declareEpilogue(kind, 2)}
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
  result[at] = ${writeFinished(kind)};
}
`,
});

/** Sums the slices of a product, always in the same order, and finishes the sums as an epilogue says. */
export function sumSlices(
  backend: GpuBackend,
  x: tf.TensorInfo,
  [slices, sliceSize]: readonly [slices: number, sliceSize: number],
  result: tf.TensorInfo,
  columns: number,
  epilogue: Epilogue | undefined,
): void {
  const { tensors, settings, stepSettings } = listEpilogueArguments(epilogue);
  dispatch(
    backend,
    getProgram(getEpilogueKind(epilogue)),
    [result, x, ...tensors],
    [tf.util.sizeFromShape(result.shape), slices, sliceSize, columns, ...settings],
    spreadGroups(backend, Math.ceil(sliceSize / 64)),
    stepSettings,
  );
}
